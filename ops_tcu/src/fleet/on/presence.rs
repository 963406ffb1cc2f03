//! The status topic: 在线 while connected, 离线 as the last will.

use protocol::uplink::Presence as Said;

use crate::fleet::session::Presence;
use crate::fleet::turn::Turn;

pub(in crate::fleet) fn presence(turn: &mut Turn<'_>, said: &Said<'_>, link: u8) {
    let now_is = match said {
        Said::Online => Presence::Online,
        Said::Offline => Presence::Offline,
        // Kept from doing harm: an unknown word does not take a pile off line.
        Said::Other(_) => return turn.core.tally.reject("unknown_status"),
    };
    if turn.session.presence != now_is {
        turn.session.presence = now_is;
        turn.changed();
    }
    if now_is == Presence::Online {
        // Its commands go where it is; one that logs in afterwards says so itself.
        turn.session.link = Some(link);
    }
}
