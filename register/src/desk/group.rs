//! Requests of one serial number that wait together.

use std::collections::HashMap;

use super::intake::Job;
use super::outlet::Receipt;
use crate::model::Serial;

/// Everything that is asked for one serial number: the newest request is worked on, the others are done with it.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) newest: Job,
    pub(super) older: Vec<Receipt>,
}

/// One group per serial number, in the order of first requests.
pub(super) fn groups(jobs: impl IntoIterator<Item = Job>) -> Vec<Group> {
    let mut at: HashMap<Serial, usize> = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for job in jobs {
        let next = groups.len();
        let place = *at.entry(job.request.sn.clone()).or_insert(next);
        match groups.get_mut(place) {
            Some(group) => {
                let older = std::mem::replace(&mut group.newest, job);
                group.older.push(older.receipt);
                group.newest.tries = group.newest.tries.max(older.tries);
            }
            None => groups.push(Group {
                newest: job,
                older: Vec::new(),
            }),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::model::Request;

    fn job(sn: &str, packet: u16) -> Job {
        let text = String::new;
        Job {
            request: Request {
                sn: Serial::parse(sn).unwrap(),
                model: text(),
                contract: text(),
                software_version: text(),
                sim: text(),
            },
            reqid: packet.into(),
            receipt: Receipt {
                link: 0,
                epoch: 1,
                packet: Some(packet),
            },
            received: Instant::now(),
            tries: u32::from(packet == 2),
        }
    }

    #[test]
    fn the_newest_request_of_a_serial_number_stands_for_all() {
        let groups = groups([job("A", 1), job("B", 2), job("A", 3), job("A", 4), job("B", 5)]);
        let seen: Vec<_> = groups
            .iter()
            .map(|group| {
                let older: Vec<_> = group.older.iter().filter_map(|receipt| receipt.packet).collect();
                (
                    group.newest.request.sn.as_str(),
                    group.newest.reqid,
                    older,
                    group.newest.tries,
                )
            })
            .collect();
        // How often it was tried counts on, or a TCU that asks all the time would never be told.
        assert_eq!(seen, [("A", 4, vec![1, 3], 0), ("B", 5, vec![2], 1)]);
    }
}
