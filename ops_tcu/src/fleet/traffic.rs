//! Bytes and messages of one pile by command and direction, since they were last written out.

use std::mem;

/// Which way a frame went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// Pile to platform.
    Up,
    /// Platform to pile.
    Down,
}

impl Direction {
    /// As it is written in `traffic_daily.direction`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// A count of frames of one command in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    /// Index of the command in the shard's [`Names`].
    pub command: u8,
    /// Which way.
    pub direction: Direction,
    /// Frames.
    pub messages: u32,
    /// Payload bytes.
    pub bytes: u32,
}

/// What one pile sent and was sent on `day`.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    /// Days since 1970-01-01 in Shanghai.
    day: u16,
    cells: Vec<Cell>,
}

impl Traffic {
    /// Counts a frame. When `day` is not the day of what was counted before, that is given back
    /// to be written out first.
    pub(super) fn count(
        &mut self,
        day: u16,
        command: u8,
        direction: Direction,
        bytes: usize,
    ) -> Option<(u16, Vec<Cell>)> {
        let before = (day != self.day).then(|| self.take()).flatten();
        self.day = day;
        let bytes = bytes as u32;
        match self
            .cells
            .iter_mut()
            .find(|c| c.command == command && c.direction == direction)
        {
            Some(cell) => {
                cell.messages += 1;
                cell.bytes = cell.bytes.saturating_add(bytes);
            }
            None => {
                self.cells.reserve_exact(1);
                self.cells.push(Cell {
                    command,
                    direction,
                    messages: 1,
                    bytes,
                });
            }
        }
        before
    }

    /// Takes out what was counted, with its day.
    pub(super) fn take(&mut self) -> Option<(u16, Vec<Cell>)> {
        (!self.cells.is_empty()).then(|| (self.day, mem::take(&mut self.cells)))
    }
}

/// The commands seen, so that a count needs one byte for its name. Firmware may send any text as a
/// command; past 254 different ones they are counted together.
#[derive(Debug)]
pub struct Names(Vec<Box<str>>);

const OTHER: &str = "其他";

impl Default for Names {
    fn default() -> Self {
        Self(vec![OTHER.into()])
    }
}

impl Names {
    /// The index of `name`.
    pub fn index(&mut self, name: &str) -> u8 {
        if let Some(at) = self.0.iter().position(|n| **n == *name) {
            return at as u8;
        }
        if self.0.len() > usize::from(u8::MAX) || name.len() > 64 {
            return 0;
        }
        self.0.push(name.into());
        (self.0.len() - 1) as u8
    }

    /// The name behind an index.
    pub fn name(&self, index: u8) -> &str {
        self.0.get(usize::from(index)).map_or(OTHER, |n| n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_by_command_and_direction() {
        let (mut traffic, mut names) = (Traffic::default(), Names::default());
        let login = names.index("登录");
        assert_eq!(traffic.count(5, login, Direction::Up, 100), None);
        assert_eq!(traffic.count(5, login, Direction::Up, 20), None);
        assert_eq!(traffic.count(5, login, Direction::Down, 7), None);
        let (day, cells) = traffic.take().unwrap();
        assert_eq!(day, 5);
        assert_eq!(cells.len(), 2);
        assert_eq!((cells[0].messages, cells[0].bytes), (2, 120));
        assert_eq!(names.name(cells[1].command), "登录");
        assert_eq!(traffic.take(), None);
    }

    #[test]
    fn midnight_gives_yesterday_back() {
        let mut traffic = Traffic::default();
        traffic.count(5, 1, Direction::Up, 100);
        let (day, cells) = traffic.count(6, 1, Direction::Up, 1).unwrap();
        assert_eq!((day, cells[0].bytes), (5, 100));
        assert_eq!(traffic.take().unwrap().0, 6);
    }

    #[test]
    fn endless_different_names_end_in_one() {
        let mut names = Names::default();
        for n in 0..1000 {
            names.index(&format!("命令{n}"));
        }
        assert_eq!(names.index("又一个"), 0);
        assert_eq!(names.name(0), "其他");
        assert_eq!(names.name(u8::MAX), "命令254");
    }
}
