//! A pile's byte counts become rows of `traffic_daily`, which adds them up.

use store::table::traffic_daily::{Day, Direction as Way, TrafficDaily};

use crate::fleet::output::Output;
use crate::fleet::traffic::{Cell, Direction, Names};

pub(in crate::fleet) fn write(device_id: u64, counted: &(u16, Vec<Cell>), names: &Names, out: &mut Output) {
    let (day, cells) = counted;
    for cell in cells {
        out.row(&TrafficDaily {
            day: Day(*day),
            device_id,
            command: names.name(cell.command),
            direction: match cell.direction {
                Direction::Up => Way::Up,
                Direction::Down => Way::Down,
            },
            messages: u64::from(cell.messages),
            bytes: u64::from(cell.bytes),
        });
    }
}
