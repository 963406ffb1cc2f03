//! The little of Prometheus' text format that `status` needs.

/// The sum of all series of `name` whose labels hold every one of `labels` (`key="value"`); none when there
/// is no such series.
pub(super) fn sum(text: &str, name: &str, labels: &[&str]) -> Option<f64> {
    text.lines()
        .filter_map(|line| {
            let rest = line.strip_prefix(name)?;
            let (set, value) = match rest.strip_prefix('{') {
                Some(rest) => rest.rsplit_once('}')?,
                None => ("", rest.strip_prefix(' ')?),
            };
            let wanted = labels.iter().all(|label| set.contains(label));
            wanted.then(|| value.trim().parse::<f64>().ok()).flatten()
        })
        .reduce(|a, b| a + b)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# TYPE frames counter\n\
        frames{command=\"登录\",direction=\"up\"} 2\n\
        frames{command=\"登录应答\",direction=\"down\"} 3\n\
        frames{command=\"运行数据\",direction=\"up\"} 40\n\
        frames_other 7\n\
        backlog 1.5\n";

    #[test]
    fn series_are_summed_by_name_and_label() {
        assert_eq!(sum(TEXT, "frames", &["direction=\"up\""]), Some(42.0));
        assert_eq!(sum(TEXT, "frames", &[]), Some(45.0));
        assert_eq!(sum(TEXT, "backlog", &[]), Some(1.5));
        assert_eq!(sum(TEXT, "absent", &[]), None);
    }
}
