//! The pile's clock as text. Piles live at UTC+8 whatever the host's time zone is.

use chrono::{DateTime, Datelike, FixedOffset, Timelike};

const SHANGHAI_SECONDS: i32 = 8 * 3600;

fn local(ms: i64) -> DateTime<FixedOffset> {
    let zone = FixedOffset::east_opt(SHANGHAI_SECONDS).expect("eight hours is a valid offset");
    DateTime::from_timestamp_millis(ms)
        .unwrap_or_default()
        .with_timezone(&zone)
}

/// `YYYY-MM-DD HH:MM:SS+0800` of Unix milliseconds. Written digit by digit: this is on the flood's hot path.
pub(crate) fn wire_time(ms: i64) -> String {
    let time = local(ms);
    let mut text = String::with_capacity(24);
    digits(&mut text, time.year().unsigned_abs(), 1000);
    for (separator, value) in [
        ('-', time.month()),
        ('-', time.day()),
        (' ', time.hour()),
        (':', time.minute()),
        (':', time.second()),
    ] {
        text.push(separator);
        digits(&mut text, value, 10);
    }
    text.push_str("+0800");
    text
}

/// `yyMMddHHmmss` as a number, the stem of a trade number.
pub(crate) fn trade_stem(ms: i64) -> u128 {
    let time = local(ms);
    [
        time.month(),
        time.day(),
        time.hour(),
        time.minute(),
        time.second(),
    ]
    .iter()
    .fold(u128::from(time.year().unsigned_abs() % 100), |stem, &part| {
        stem * 100 + u128::from(part)
    })
}

/// The hour of the day, for the tariff periods.
pub(crate) fn hour(ms: i64) -> u32 {
    local(ms).hour()
}

/// Unix milliseconds of a wire time, as 对时 and 登录应答 carry it.
pub(crate) fn parse_wire_time(text: &str) -> Option<i64> {
    DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%z")
        .ok()
        .map(|time| time.timestamp_millis())
}

/// Unix milliseconds now.
pub(crate) fn now_ms() -> i64 {
    chrono::Utc::now().timestamp_millis()
}

fn digits(text: &mut String, mut value: u32, mut place: u32) {
    while place > 0 {
        text.push(char::from(b'0' + u8::try_from(value / place % 10).unwrap_or(0)));
        value %= place;
        place /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_and_reads_the_fields_own_time() {
        let ms = parse_wire_time("2025-06-18 19:06:19+0800").unwrap();
        assert_eq!(wire_time(ms), "2025-06-18 19:06:19+0800");
        assert_eq!(trade_stem(ms), 250_618_190_619);
        assert_eq!(hour(ms), 19);
    }
}
