//! Rows of the OTA campaigns, no column at its default.

use store::table::ota_campaign::OtaCampaign;
use store::table::ota_campaign_event::OtaCampaignEvent;
use store::table::ota_campaign_figure::OtaCampaignFigure;
use store::table::ota_campaign_pile::OtaCampaignPile;

const T: i64 = 1_741_778_206_123;

pub(crate) fn campaign() -> OtaCampaign {
    OtaCampaign {
        timestamp: T,
        flag_del: 1,
        campaign_id: 1 << 52,
        name: "1.0.8 全网".into(),
        organization_id: 1001,
        package_id: 7,
        version: "1.0.8".into(),
        rollback_package_id: 6,
        rollback_version: "1.0.7".into(),
        plan: "{}".into(),
        state: "halted".into(),
        stage: 1,
        stage_since: T - 5,
        soak_since: T - 4,
        looks: 3,
        forgiven: 2,
        reason: "启动失败率变差".into(),
        figures: "[]".into(),
        total: 10_000,
        created_by: "zhang".into(),
        created_time: T - 9,
        started_time: T - 8,
        finished_time: T - 1,
        deadline: T + 9,
    }
}

pub(crate) fn pile() -> OtaCampaignPile {
    OtaCampaignPile {
        timestamp: T,
        flag_del: 1,
        campaign_id: 1 << 52,
        device_id: 8708,
        uuid: "AAAAAMWY".into(),
        sta_id: 2001,
        model: "DC-120".into(),
        from_version: "1.0.7".into(),
        arm: "update".into(),
        stage: 2,
        block: 17,
        phase: "rollback".into(),
        state: "downloading".into(),
        owner: "pile".into(),
        state_since: T - 3,
        deadline: T + 3,
        reason: "重试".into(),
        attempt: 2,
        mark: "o1-8708-d-2".into(),
        progress: 40,
        download_time: T - 7,
        downloaded_time: T - 6,
        update_time: T - 5,
        login_time: T - 4,
        charge_time: T - 2,
        finished_time: T - 1,
        seen_version: "1.0.8".into(),
    }
}

pub(crate) fn event() -> OtaCampaignEvent {
    OtaCampaignEvent {
        timestamp: T,
        flag_del: 1,
        campaign_id: 1 << 52,
        event_id: 3,
        event_time: T - 1,
        kind: "request".into(),
        action: "pause".into(),
        source: "zhang".into(),
        outcome: "done".into(),
        text: "值班要求".into(),
        data: "{}".into(),
    }
}

pub(crate) fn figure() -> OtaCampaignFigure {
    OtaCampaignFigure {
        timestamp: T,
        flag_del: 1,
        campaign_id: 1 << 52,
        stage: 1,
        measure: "boot_failures".into(),
        look_time: T - 1,
        look: 4,
        since: T - 9,
        updated_piles: 100,
        updated_events: 54.0,
        updated_exposure: 600.0,
        control_piles: 500,
        control_events: 90.0,
        control_exposure: 3000.0,
        excess: 36.5,
        p_value: 0.000_2,
        bound: 0.001,
        verdict: "worse".into(),
        piles: vec![8708, 8709],
    }
}
