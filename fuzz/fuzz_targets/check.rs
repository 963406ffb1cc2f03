//! What must hold for any bytes whatever. The fuzz target and the bounded test on stable both call this.

use protocol::{Encoding, Frame, MAX_PAYLOAD, Uplink, salvage_reqid, salvage_trade_number};

/// Decodes a payload in every way there is; panics where an invariant is broken.
pub(crate) fn check(payload: &[u8]) {
    let fast = Frame::read(payload);
    let tolerant = Frame::read_tolerant(payload);
    salvage_reqid(payload);
    salvage_trade_number(payload);
    assert!(
        payload.len() <= MAX_PAYLOAD || fast.is_err(),
        "a payload that is too long is refused"
    );
    let Ok(fast) = fast else { return };
    let message = fast.message();
    let _ = (fast.command(), fast.presence());
    match &message {
        Ok(message) => {
            assert!(!message.command().is_empty(), "a message has a 命令");
            // A payload that reads wrong only behind its 命令 is repaired only when it is read whole.
            assert!(
                fast.encoding() == Encoding::Damaged || fast.command().as_deref() == Ok(message.command()),
                "the peek agrees with the whole"
            );
            if let Uplink::TradeRecord(record) = message {
                record.content_hash();
            }
        }
        Err(malformed) => assert!(
            malformed.offset <= fast.text().len() + 4,
            "the offset is in the payload"
        ),
    }
    // Where any JSON reader agrees that it is JSON, the two paths must agree on what it says.
    if serde_json::from_slice::<serde::de::IgnoredAny>(payload).is_ok()
        && let Ok(tolerant) = tolerant
    {
        assert_eq!(
            tolerant.message().ok(),
            message.ok(),
            "the fast path and the tolerant one agree"
        );
    }
}
