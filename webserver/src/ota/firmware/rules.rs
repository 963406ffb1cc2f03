//! What a package may be.

use store::table::firmware_package::{CONFIGURATION, FirmwarePackage, PROGRAM};

use super::upload::Uploaded;
use crate::ground::{ApiError, Caller, Scope, Text, check};

const LONGEST_FILE_NAME: usize = 96;

/// What is said of a package, as it is stored.
#[derive(Debug)]
pub(super) struct Details {
    pub(super) name: String,
    pub(super) file_type: &'static str,
    pub(super) model: String,
    pub(super) version: String,
    pub(super) file_name: String,
    pub(super) signature: String,
    pub(super) remark: String,
}

/// # Errors
/// 422 for a rule that is broken, or something said of the file that is not so.
pub(super) fn details(uploaded: &Uploaded) -> Result<Details, ApiError> {
    let text = |name| uploaded.texts.get(name).map_or("", |text| text.trim());
    require_same("bytes", text("bytes"), &uploaded.bytes.to_string())?;
    require_same("md5", text("md5"), &uploaded.md5_hex())?;
    require_same("sha256", text("sha256"), &uploaded.sha256_hex())?;
    let file_type = match text("file_type") {
        "" | PROGRAM => PROGRAM,
        CONFIGURATION => CONFIGURATION,
        _ => {
            return Err(ApiError::invalid(
                "file_type",
                "须为 程序包 或 配置文件",
                "must be 程序包 or 配置文件",
            ));
        }
    };
    let version = check::optional("version", text("version"), 64)?;
    if file_type == PROGRAM && version.is_empty() {
        return Err(ApiError::invalid(
            "version",
            "程序包须有版本号，与桩登录时报告的一致",
            "a program has the version that a pile reports when it logs in",
        ));
    }
    let file_name = file_name(&uploaded.file_name)?;
    let name = check::optional("name", text("name"), 64)?;
    Ok(Details {
        name: if name.is_empty() { file_name.clone() } else { name },
        file_type,
        model: check::optional("model", text("model"), 64)?,
        version,
        file_name,
        signature: text("signature").to_ascii_lowercase(),
        remark: check::optional("remark", text("remark"), 256)?,
    })
}

/// What was said of the file, if anything was.
fn require_same(field: &'static str, said: &str, is: &str) -> Result<(), ApiError> {
    if said.is_empty() || said.eq_ignore_ascii_case(is) {
        return Ok(());
    }
    Err(ApiError::Invalid {
        field: field.into(),
        rule: Text::of(
            format!("与文件不符，文件为 {is}"),
            format!("is not that of the file, which has {is}"),
        ),
    })
}

/// As piles are told it, in a path: old firmware reads no more than ASCII.
fn file_name(given: &str) -> Result<String, ApiError> {
    // Some browsers send the whole path.
    let name = given.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
    let sound = (1..=LONGEST_FILE_NAME).contains(&name.len())
        && name.chars().all(plain)
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && !name.contains("..");
    if sound {
        return Ok(name.to_owned());
    }
    Err(ApiError::invalid(
        "file",
        "文件名须为1到96个字母、数字、. - _ +，以字母或数字开头，桩的固件只认这些",
        "the file's name must be 1 to 96 of A-Z a-z 0-9 . - _ + and begin with a letter or digit: piles read no others",
    ))
}

/// # Errors
/// 403 for a package of somebody else's organization: all may use it, its own people delete it.
pub(super) fn require_own(caller: &Caller, package: &FirmwarePackage) -> Result<(), ApiError> {
    if caller.scope == Scope::All || package.created_by == caller.user.account {
        return Ok(());
    }
    let maker = caller.directory.by_account(&package.created_by);
    let seen = maker.is_some_and(|maker| {
        let own = caller.directory.organizations_of(maker.user_id);
        own.iter().any(|id| caller.scope.sees_organization(*id))
    });
    if seen {
        return Ok(());
    }
    Err(ApiError::forbidden(
        "只能删除本组织及下级的用户上传的程序包",
        "Only packages of one's own organization and those below may be deleted",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_so_that_every_pile_can_read_it() {
        assert_eq!(file_name("actest107.bin").unwrap(), "actest107.bin");
        assert_eq!(file_name("C:\\fakepath\\a-1.0+2.bin").unwrap(), "a-1.0+2.bin");
        for bad in [
            "",
            "..",
            "../",
            "a b",
            "程序.bin",
            ".hidden",
            "-rf",
            "a..b",
            "a%2e",
            "a;b",
            &"a".repeat(97),
        ] {
            assert!(file_name(bad).is_err(), "{bad}");
        }
        assert!(require_same("md5", "ABC", "abc").is_ok() && require_same("md5", "", "abc").is_ok());
        assert!(require_same("md5", "abd", "abc").is_err());
    }
}
