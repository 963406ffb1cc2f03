//! What a choice of piles means just now: asked before anything is done to them.

use axum::extract::State;
use protocol::Uuid;
use serde::Serialize;
use utoipa::ToSchema;

use crate::ground::{
    Answer, ApiError, Body, Caller, Envelope, Ground, live::PileState, selection::PileSelection,
};

/// 选中的桩数及其当前状态 How many piles a choice means, and what they are doing
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct CountedPiles {
    /// 总数 All
    total: u64,
    /// 充电 Charging
    charging: u64,
    /// 空闲 Idle
    idle: u64,
    /// 故障 Fault
    fault: u64,
    /// 离线 Not connected
    offline: u64,
    /// 从未上线 Never seen
    unknown: u64,
}

impl CountedPiles {
    fn of(states: impl IntoIterator<Item = PileState>) -> Self {
        let mut counted = Self::default();
        for state in states {
            counted.total += 1;
            *match state {
                PileState::Charging => &mut counted.charging,
                PileState::Idle => &mut counted.idle,
                PileState::Fault => &mut counted.fault,
                PileState::Offline => &mut counted.offline,
                PileState::Unknown => &mut counted.unknown,
            } += 1;
        }
        counted
    }
}

/// 选桩计数: 按条件现在会选中多少桩, 各在做什么; 只查询, 不改变什么 How many piles a choice means now, and what they are doing; nothing is changed
#[utoipa::path(post, path = "/asset/count", tag = "asset", request_body = PileSelection,
    responses((status = 200, body = Envelope<CountedPiles>)))]
pub(super) async fn count(
    State(ground): State<Ground>,
    caller: Caller,
    Body(selection): Body<PileSelection>,
) -> Result<Answer<CountedPiles>, ApiError> {
    let (piles, briefs) = tokio::try_join!(selection.meant(&ground, &caller.scope), ground.briefs())?;
    let states = piles.iter().map(|pile| {
        let uuid = Uuid::parse(&pile.uuid).ok();
        let brief = uuid.and_then(|uuid| briefs.get(&uuid));
        brief.map_or(PileState::Unknown, |brief| brief.state)
    });
    Ok(Answer(CountedPiles::of(states)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pile_is_counted_under_its_state() {
        let counted = CountedPiles::of([
            PileState::Charging,
            PileState::Charging,
            PileState::Idle,
            PileState::Unknown,
        ]);
        let expected = CountedPiles {
            total: 4,
            charging: 2,
            idle: 1,
            unknown: 1,
            ..CountedPiles::default()
        };
        assert_eq!(counted, expected);
        assert_eq!(CountedPiles::of([]), CountedPiles::default());
    }
}
