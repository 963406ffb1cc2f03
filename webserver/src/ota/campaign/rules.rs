//! What a campaign may be, and what may be asked of it.

use store::{
    ota::{CampaignState, Request},
    selection::Chosen,
    table::{
        firmware_package::{FirmwarePackage, PROGRAM},
        ota_campaign::OtaCampaign,
    },
};

use crate::ground::{ApiError, Text};

/// Piles of one campaign.
pub(super) const MOST_PILES: usize = 100_000;

/// # Errors
/// 422 for a package that no pile can log in with.
pub(super) fn require_program(field: &'static str, package: &FirmwarePackage) -> Result<(), ApiError> {
    if package.file_type == PROGRAM && !package.version.is_empty() {
        return Ok(());
    }
    Err(ApiError::invalid(
        field,
        "须为有版本号的程序包",
        "must be a program with a version",
    ))
}

/// # Errors
/// 422 for a rollback to another model's package, or to the same version.
pub(super) fn require_way_back(package: &FirmwarePackage, back: &FirmwarePackage) -> Result<(), ApiError> {
    require_program("rollback_package_id", back)?;
    if back.version == package.version {
        return Err(ApiError::invalid(
            "rollback_package_id",
            "版本须与升级的不同",
            "must be of another version than what is rolled out",
        ));
    }
    if !back.model.is_empty() && !package.model.is_empty() && back.model != package.model {
        return Err(ApiError::invalid(
            "rollback_package_id",
            "适用型号须与升级的相同",
            "must be for the same model as what is rolled out",
        ));
    }
    Ok(())
}

/// # Errors
/// 422 for piles of a model that the package is not for.
pub(super) fn require_model(package: &FirmwarePackage, piles: &[Chosen]) -> Result<(), ApiError> {
    if package.model.is_empty() {
        return Ok(());
    }
    let others = piles.iter().filter(|pile| pile.model != package.model).count();
    if others == 0 {
        return Ok(());
    }
    let model = &package.model;
    Err(ApiError::Invalid {
        field: "selection".into(),
        rule: Text::of(
            format!("有{others}桩的型号不是程序包适用的 {model}"),
            format!("means {others} piles that are not of the package's model {model}"),
        ),
    })
}

/// # Errors
/// 409 for what is no draft any more.
pub(super) fn require_draft(campaign: &OtaCampaign) -> Result<(), ApiError> {
    if campaign.state == CampaignState::Draft.as_str() {
        return Ok(());
    }
    let state = &campaign.state;
    Err(ApiError::Conflict(Text::of(
        format!("活动状态为 {state}，只有草稿(draft)可以修改和删除"),
        format!("Only a draft can be changed or deleted; this campaign is {state}"),
    )))
}

/// # Errors
/// 409 that names the state and what may be asked in it.
pub(super) fn require_request(campaign: &OtaCampaign, asked: Request) -> Result<(), ApiError> {
    let state = &campaign.state;
    let allowed = CampaignState::parse(state).map_or(&[][..], requests);
    if !allowed.contains(&asked) {
        let names: Vec<_> = allowed.iter().map(|request| request.as_str()).collect();
        let names = if names.is_empty() {
            "-".to_owned()
        } else {
            names.join(", ")
        };
        return Err(ApiError::Conflict(Text::of(
            format!("活动状态为 {state}，不能 {}；可用：{names}", asked.as_str()),
            format!(
                "A campaign that is {state} takes no {}, only: {names}",
                asked.as_str()
            ),
        )));
    }
    if asked == Request::Rollback && campaign.rollback_package_id == 0 {
        return Err(ApiError::conflict(
            "活动没有指定回退的程序包",
            "The campaign has no package to go back to",
        ));
    }
    Ok(())
}

/// What may be asked in a state; the connector decides again when it carries it out.
const fn requests(state: CampaignState) -> &'static [Request] {
    match state {
        CampaignState::Draft => &[Request::Start],
        CampaignState::Running => &[Request::Pause, Request::Abort, Request::Rollback],
        CampaignState::Paused | CampaignState::Halted => {
            &[Request::Resume, Request::Abort, Request::Rollback]
        }
        CampaignState::RollingBack => &[Request::Abort],
        CampaignState::Finished | CampaignState::Aborted => &[Request::Rollback],
        CampaignState::RolledBack => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(model: &str, version: &str) -> FirmwarePackage {
        FirmwarePackage {
            file_type: PROGRAM.into(),
            model: model.into(),
            version: version.into(),
            ..FirmwarePackage::default()
        }
    }

    #[test]
    fn a_state_says_what_may_be_asked() {
        let ask = |state: CampaignState, back, asked| {
            let campaign = OtaCampaign {
                state: state.as_str().into(),
                rollback_package_id: back,
                ..OtaCampaign::default()
            };
            require_request(&campaign, asked)
        };
        assert!(ask(CampaignState::Draft, 0, Request::Start).is_ok());
        assert!(ask(CampaignState::Running, 0, Request::Start).is_err());
        assert!(ask(CampaignState::Running, 0, Request::Rollback).is_err());
        assert!(ask(CampaignState::Halted, 5, Request::Rollback).is_ok());
        let refused = ask(CampaignState::Paused, 0, Request::Pause)
            .unwrap_err()
            .to_string();
        assert!(refused.contains("resume, abort, rollback"), "{refused}");
        for asked in Request::ALL {
            assert!(ask(CampaignState::RolledBack, 5, *asked).is_err());
        }
    }

    #[test]
    fn a_package_is_for_the_piles_that_get_it() {
        let pile = |model: &str| Chosen {
            device_id: 1,
            uuid: "AAAAAAAB".into(),
            sta_id: 1,
            model: model.into(),
        };
        let (any, dc) = (package("", "2"), package("DC", "2"));
        assert!(require_model(&any, &[pile("AC")]).is_ok() && require_model(&dc, &[pile("DC")]).is_ok());
        assert!(require_model(&dc, &[pile("DC"), pile("AC")]).is_err());
        assert!(require_way_back(&dc, &package("DC", "1")).is_ok());
        assert!(require_way_back(&dc, &package("DC", "2")).is_err());
        assert!(require_way_back(&dc, &package("AC", "1")).is_err());
        assert!(require_program("package_id", &package("", "")).is_err());
    }
}
