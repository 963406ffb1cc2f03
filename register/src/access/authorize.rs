//! What a client without credentials may do, decided for one topic.

use protocol::topic::{Inbound, Topics};

use super::Action;
use crate::model::Serial;

/// Publishes only requests for registration, and reads only the result of one factory number. A retained request
/// would be asked again, and answered with a new password, whenever a register subscribes.
pub fn newcomer_may(topics: &Topics, action: Action, topic: &str, retain: bool) -> bool {
    match action {
        Action::Publish => !retain && topic == topics.register(),
        Action::Subscribe => match topics.parse(topic) {
            // As it is: a number with blanks around it is another topic.
            Inbound::RegisterResult(sn) => Serial::parse(sn).is_ok_and(|serial| serial.as_str() == sn),
            _ => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn topics() -> Topics {
        Topics::new("xjdy", "TCU")
    }

    #[test]
    fn it_asks_and_reads_its_result() {
        let topics = topics();
        assert!(newcomer_may(&topics, Action::Publish, "/xjdy/注册ops/v1", false));
        for sn in ["SN0001", "桩2025", "DC-120_2025.07:001"] {
            let topic = topics.register_result(sn);
            assert!(newcomer_may(&topics, Action::Subscribe, &topic, false), "{sn}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let topics = topics();
        let results = "/xjdy/注册ops/v1/注册结果/";
        for topic in [
            "",
            "#",
            "+/#",
            "/xjdy/#",
            "/xjdy/注册ops/v1/#",
            "/xjdy/注册ops/v1",
            "/xjdy/注册ops/v1/+/SN1",
            "/xjdy/ops/v1/TCU/AAAAALFW/cmd",
            "/xjdy/ops/v1/TCU/+/cmd",
            "$share/g//xjdy/注册ops/v1/注册结果/SN1",
            "$SYS/brokers",
            results,
        ] {
            assert!(!newcomer_may(&topics, Action::Subscribe, topic, false), "{topic}");
        }
        for sn in ["+", "#", "SN1/", "SN1/+", "SN+", " SN1", "SN1 ", "SN\0", "$SN"] {
            let topic = format!("{results}{sn}");
            assert!(
                !newcomer_may(&topics, Action::Subscribe, &topic, false),
                "{topic}"
            );
        }
        for topic in [
            "/xjdy/注册ops/v1/",
            "/xjdy/注册ops/v1/注册结果/SN1",
            "/xjdy/ops/v1/TCU/AAAAALFW/msg",
            "/xjdy/ops/v1/PXY/AAAAALFW/cmd",
            "#",
        ] {
            assert!(!newcomer_may(&topics, Action::Publish, topic, false), "{topic}");
        }
        assert!(!newcomer_may(&topics, Action::Publish, topics.register(), true));
    }

    proptest! {
        #[test]
        fn no_wildcard_gets_through(topic in ".{0,40}", inside in any::<bool>(), wildcard in "[+#]") {
            let topics = topics();
            let topic = match inside {
                true => topics.register_result(&format!("{topic}{wildcard}")),
                false => format!("{topic}{wildcard}"),
            };
            prop_assert!(!newcomer_may(&topics, Action::Subscribe, &topic, false));
        }
    }
}
