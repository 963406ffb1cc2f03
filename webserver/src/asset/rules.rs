//! What an asset may be.

use protocol::Uuid;
use store::table::asset::AssetVersion;

use super::wire::Fields;
use crate::ground::{ApiError, check};

/// What `audit_status` may be; ops_tcu adopts piles as the first.
const AUDIT: [&str; 3] = ["待接入", "待审核", "已审核"];

/// The asset as it is with these fields. Whether its station and model exist is not looked at here.
pub(super) fn with(mut asset: AssetVersion, fields: &Fields) -> Result<AssetVersion, ApiError> {
    if let Some(name) = &fields.ass_name {
        asset.ass_name = check::name("ass_name", name, 128)?;
    }
    if let Some(uuid) = &fields.name {
        asset.name = uuid_of(uuid)?;
    }
    if let Some(status) = &fields.audit_status {
        asset.audit_status = audit_status(status)?;
    }
    let texts = [
        ("model", &fields.model, &mut asset.model, 64),
        ("contract_num", &fields.contract_num, &mut asset.contract_num, 64),
        ("mvno", &fields.mvno, &mut asset.mvno, 64),
        ("mvno_code", &fields.mvno_code, &mut asset.mvno_code, 64),
        ("sim", &fields.sim, &mut asset.sim, 32),
        (
            "maintecance_status",
            &fields.maintecance_status,
            &mut asset.maintecance_status,
            64,
        ),
        (
            "guarantee_period",
            &fields.guarantee_period,
            &mut asset.guarantee_period,
            64,
        ),
        (
            "maintecance_organization",
            &fields.maintecance_organization,
            &mut asset.maintecance_organization,
            128,
        ),
        ("responsible", &fields.responsible, &mut asset.responsible, 64),
        (
            "contact_information",
            &fields.contact_information,
            &mut asset.contact_information,
            128,
        ),
    ];
    for (name, text, place, most) in texts {
        if let Some(text) = text {
            *place = check::optional(name, text, most)?;
        }
    }
    let moments = [
        (
            "manufacture_date",
            fields.manufacture_date,
            &mut asset.manufacture_date,
        ),
        (
            "guarantee_start",
            fields.guarantee_start,
            &mut asset.guarantee_start,
        ),
        ("guarantee_end", fields.guarantee_end, &mut asset.guarantee_end),
        (
            "commissioning_date",
            fields.commissioning_date,
            &mut asset.commissioning_date,
        ),
    ];
    for (name, moment, place) in moments {
        if let Some(moment) = moment {
            *place = check::moment(name, moment)?;
        }
    }
    if !asset.sim.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(ApiError::invalid(
            "sim",
            "只能含字母和数字；表格中须设为文本",
            "must have letters and digits only; make it a text in a sheet",
        ));
    }
    asset.sta_id = fields.sta_id.unwrap_or(asset.sta_id);
    asset.dt_id = fields.dt_id.unwrap_or(asset.dt_id);
    if asset.dt_id >= 1 << 53 {
        return Err(ApiError::invalid(
            "dt_id",
            "须小于2的53次方",
            "must be below 2^53",
        ));
    }
    let is_backwards =
        asset.guarantee_end != 0 && asset.guarantee_start != 0 && asset.guarantee_end < asset.guarantee_start;
    if is_backwards {
        return Err(ApiError::invalid(
            "guarantee_end",
            "不能早于质保开始",
            "must not be before the guarantee starts",
        ));
    }
    Ok(asset)
}

/// A new asset.
pub(super) fn new(fields: &Fields) -> Result<AssetVersion, ApiError> {
    if fields.ass_name.is_none() {
        return Err(ApiError::invalid("ass_name", "必填", "is required"));
    }
    let asset = AssetVersion {
        audit_status: AUDIT[1].to_owned(),
        ..AssetVersion::default()
    };
    with(asset, fields)
}

fn uuid_of(text: &str) -> Result<String, ApiError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(String::new());
    }
    let uuid = Uuid::parse(text)
        .map_err(|_| ApiError::invalid("name", "须为8个大写字母", "must be eight capital letters"))?;
    Ok(uuid.to_string())
}

fn audit_status(text: &str) -> Result<String, ApiError> {
    match AUDIT.iter().find(|known| **known == text.trim()) {
        Some(status) => Ok((*status).to_owned()),
        None => Err(ApiError::invalid(
            "audit_status",
            "须为待接入、待审核或已审核",
            "must be 待接入, 待审核 or 已审核",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_is_checked_field_by_field() {
        let named = Fields {
            ass_name: Some(" 1号桩 ".into()),
            name: Some("AAAAAMWY".into()),
            ..Fields::default()
        };
        let asset = new(&named).unwrap();
        assert_eq!(
            (
                asset.ass_name.as_str(),
                asset.name.as_str(),
                asset.audit_status.as_str()
            ),
            ("1号桩", "AAAAAMWY", "待审核")
        );
        assert_eq!(with(asset.clone(), &Fields::default()).unwrap(), asset);
        for wrong in [
            Fields {
                name: Some("aaaaamwy".into()),
                ..Fields::default()
            },
            Fields {
                ass_name: Some(" ".into()),
                ..Fields::default()
            },
            Fields {
                audit_status: Some("好".into()),
                ..Fields::default()
            },
            Fields {
                sim: Some("8.986E+19".into()),
                ..Fields::default()
            },
            Fields {
                sim: Some("1".repeat(33)),
                ..Fields::default()
            },
            Fields {
                guarantee_start: Some(2),
                guarantee_end: Some(1),
                ..Fields::default()
            },
        ] {
            assert!(with(asset.clone(), &wrong).is_err(), "{wrong:?}");
        }
        assert!(new(&Fields::default()).is_err());
    }
}
