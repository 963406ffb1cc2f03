//! 事件上送, 告警: something began or ended on the pile. Answered by 事件确认.

use std::borrow::Cow;

use super::message::message;
use crate::PileTime;

message! {
    /// 事件上送 or 告警
    Event {
        /// `告警名称`
        name: Cow<'a, str> => text = "告警名称",
        /// `告警代码`
        code: Cow<'a, str> => text = "告警代码",
        /// `状态`
        state: EventState<'a> => event_state = "状态",
        /// `产生时间`
        occurred: PileTime => time = "产生时间",
        /// `附加信息`
        details: Cow<'a, str> => text = "附加信息",
    }
}

/// Whether the warning begins or ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventState<'a> {
    /// 发生
    Raised,
    /// 恢复
    Recovered,
    /// Anything else, as sent.
    Other(Cow<'a, str>),
}

impl<'a> EventState<'a> {
    pub(crate) fn new(text: Cow<'a, str>) -> Self {
        match &*text {
            "发生" => Self::Raised,
            "恢复" => Self::Recovered,
            _ => Self::Other(text),
        }
    }
}
