//! What is on the wire of `/ota/firmware`.

use clickhouse::Row;
use serde::{Deserialize, Serialize};
use store::{Conditions, table::firmware_package::FirmwarePackage};
use utoipa::{IntoParams, ToSchema};

use crate::ground::{Cell, Column, Listed, column};

/// The texts of the form.
pub(super) const TEXTS: [&str; 9] = [
    "name",
    "file_type",
    "model",
    "version",
    "bytes",
    "md5",
    "sha256",
    "signature",
    "remark",
];

/// 上传的表单 The form of an upload
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the form, which is read as it comes")]
pub(super) struct PackageForm {
    /// 文件, 至多64MiB; 文件名限字母、数字、. - _ + The file, at most 64 MiB; its name of A-Z a-z 0-9 . - _ +
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// 名称, 缺省为文件名 Its name; the file's by default
    name: Option<String>,
    /// 文件类型: 程序包(缺省)、配置文件 Kind of file; 程序包 by default
    file_type: Option<String>,
    /// 适用型号, 缺省为任意 The model of pile it is for; any by default
    model: Option<String>,
    /// 版本号, 程序包必填, 与桩登录时报告的一致 The version that a pile reports once it runs it; required for a program
    version: Option<String>,
    /// 字节数, 给出则须相符 Size in bytes; must be right if given
    bytes: Option<u64>,
    /// MD5, 给出则须相符 MD5 in hexadecimal digits; must be right if given
    md5: Option<String>,
    /// SHA-256, 给出则须相符 SHA-256 in hexadecimal digits; must be right if given
    sha256: Option<String>,
    /// 对SHA-256(32字节)的Ed25519签名, 128位十六进制, 须出自受信任的公钥; 缺省则由平台签名 Ed25519 signature over the 32 bytes of the SHA-256, 128 hexadecimal digits, by a trusted key; without it the platform signs
    signature: Option<String>,
    /// 备注 Remark
    remark: Option<String>,
}

/// 程序包 A package
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct PackageItem {
    /// 包编号 The package's id
    package_id: u64,
    /// 版本, 删除时须带回 Version, Unix ms; a deletion must carry it
    timestamp: i64,
    /// 名称 Its name
    name: String,
    /// 文件类型: 程序包, 配置文件 Kind of file
    file_type: String,
    /// 适用型号, 空=任意 The model of pile it is for, empty = any
    model: String,
    /// 版本号 The version that a pile reports once it runs it
    version: String,
    /// 文件名 Name of the file
    file_name: String,
    /// 字节数 Size, bytes
    bytes: u64,
    /// 文件的MD5, 十六进制 MD5 of the file, hexadecimal
    md5: String,
    /// 文件的SHA-256, 十六进制 SHA-256 of the file, hexadecimal
    sha256: String,
    /// 上传时给出的Ed25519签名, 空=由平台签名 The Ed25519 signature that came with it, empty = the platform signs
    signature: String,
    /// 备注 Remark
    remark: String,
    /// 上传人 Who uploaded it
    created_by: String,
    /// 上传时间, 毫秒 When, Unix ms
    created_time: i64,
}

impl From<FirmwarePackage> for PackageItem {
    fn from(row: FirmwarePackage) -> Self {
        Self {
            package_id: row.package_id,
            timestamp: row.timestamp,
            name: row.name,
            file_type: row.file_type,
            model: row.model,
            version: row.version,
            file_name: row.file_name,
            bytes: row.bytes,
            md5: row.md5,
            sha256: row.sha256,
            signature: row.signature,
            remark: row.remark,
            created_by: row.created_by,
            created_time: row.created_time,
        }
    }
}

impl Listed for PackageItem {
    const WHAT: &'static str = "firmware";
    const FROM: &'static str = "(SELECT package_id, timestamp, flag_del, name, toString(file_type) AS file_type, model, \
        version, file_name, bytes, md5, sha256, signature, remark, created_by, created_time FROM firmware_package FINAL)";
    const SORT: &'static [&'static str] = &["created_time", "name", "model", "version", "bytes"];
    const ORDER: &'static str = "created_time DESC, package_id DESC";
    const COLUMNS: &'static [Column<Self>] = &[
        column("包编号", "Package id", |row| {
            Cell::Text(row.package_id.to_string())
        }),
        column("名称", "Name", |row| Cell::text(&row.name)),
        column("文件类型", "Kind", |row| Cell::text(&row.file_type)),
        column("适用型号", "Model", |row| Cell::text(&row.model)),
        column("版本号", "Version", |row| Cell::text(&row.version)),
        column("文件名", "File", |row| Cell::text(&row.file_name)),
        column("字节数", "Bytes", |row| Cell::Text(row.bytes.to_string())),
        column("MD5", "MD5", |row| Cell::text(&row.md5)),
        column("SHA-256", "SHA-256", |row| Cell::text(&row.sha256)),
        column("上传人", "Uploaded by", |row| Cell::text(&row.created_by)),
        column("上传时间", "Uploaded", |row| Cell::Time(row.created_time)),
        column("备注", "Remark", |row| Cell::text(&row.remark)),
    ];
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    /// 文件类型: 程序包, 配置文件 Kind of file
    file_type: Option<String>,
    /// 适用型号 The model of pile it is for
    model: Option<String>,
    /// 版本号 Version
    version: Option<String>,
    /// 名称、文件名中的文字 Words in its name or that of the file
    words: Option<String>,
}

impl Filter {
    pub(super) fn conditions(&self) -> Conditions {
        Conditions::new()
            .and("flag_del = 0", [])
            .and_if("file_type = ?", self.file_type.as_deref())
            .and_if("model = ?", self.model.as_deref())
            .and_if("version = ?", self.version.as_deref())
            .and_words(
                "positionCaseInsensitiveUTF8(name, ?) > 0 OR positionCaseInsensitiveUTF8(file_name, ?) > 0",
                self.words.as_deref(),
            )
    }
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct DeletedPackage {
    /// 包编号 The package's id
    pub(super) package_id: u64,
    /// 读到的版本 The version that was read, Unix ms
    pub(super) timestamp: i64,
}
