//! What is asked of campaigns.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::plan::PlanBody;
use crate::ground::selection::PileSelection;

/// A campaign to be prepared.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::ota::campaign) struct NewCampaign {
    /// 名称 Its name
    #[schema(min_length = 1, max_length = 64)]
    pub(in crate::ota::campaign) name: String,
    /// 程序包 The package to be rolled out
    pub(in crate::ota::campaign) package_id: u64,
    /// 回退用的程序包, 缺省为不能回退 The package to go back to; without it there is no way back
    pub(in crate::ota::campaign) rollback_package_id: Option<u64>,
    /// 计划, 缺省见各项 The plan; see its defaults
    pub(in crate::ota::campaign) plan: Option<PlanBody>,
    /// 哪些桩, 按现在的资产选定, 至多10万 Which piles, as they are now; at most 100,000
    pub(in crate::ota::campaign) selection: PileSelection,
    /// 归属组织, 缺省为自己的组织 The organization it belongs to; one's own by default
    pub(in crate::ota::campaign) organization_id: Option<u64>,
}

/// What is to be changed of a draft; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::ota::campaign) struct EditedCampaign {
    /// 活动编号 The campaign's id
    pub(in crate::ota::campaign) campaign_id: u64,
    /// 读到的版本 The version that was read, Unix ms
    pub(in crate::ota::campaign) timestamp: i64,
    /// 名称 Its name
    #[schema(min_length = 1, max_length = 64)]
    pub(in crate::ota::campaign) name: Option<String>,
    /// 程序包 The package to be rolled out
    pub(in crate::ota::campaign) package_id: Option<u64>,
    /// 回退用的程序包, 0=不能回退 The package to go back to, 0 = none
    pub(in crate::ota::campaign) rollback_package_id: Option<u64>,
    /// 计划, 整体替换 The plan, replaced as a whole
    pub(in crate::ota::campaign) plan: Option<PlanBody>,
    /// 哪些桩, 整体替换 Which piles, replaced as a whole
    pub(in crate::ota::campaign) selection: Option<PileSelection>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::ota::campaign) struct DeletedCampaign {
    /// 活动编号 The campaign's id
    pub(in crate::ota::campaign) campaign_id: u64,
    /// 读到的版本 The version that was read, Unix ms
    pub(in crate::ota::campaign) timestamp: i64,
}

/// Which campaign is asked.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::ota::campaign) struct AskedCampaign {
    /// 活动编号 The campaign's id
    pub(in crate::ota::campaign) campaign_id: u64,
}

/// 已受理的请求, 由connector执行, 结果见事件 A request that was accepted; the connector carries it out, and its event tells the outcome
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::ota::campaign) struct CampaignRequested {
    /// 活动编号 The campaign's id
    pub(in crate::ota::campaign) campaign_id: u64,
    /// 事件编号 The event that tells of it
    pub(in crate::ota::campaign) event_id: u64,
}

/// Which one.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::ota::campaign) struct Which {
    /// 活动编号 The campaign's id
    pub(in crate::ota::campaign) campaign_id: u64,
}
