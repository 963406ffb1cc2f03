//! What goes wrong with a pile that is told to do something. A pile has one fault at most, drawn once by shares.

use clap::ValueEnum;
use rand::Rng;

/// How a faulty pile misbehaves. The first line of each is its help text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, ValueEnum)]
pub enum Fault {
    /// every third command or transfer fails, with a reason
    Flaky,
    /// takes a command and never says how it ended
    Stuck,
    /// answers 更新程序并重启 with 成功 and never restarts
    StuckUpdate,
    /// restarts in the middle of its first download
    Reboot,
    /// finds another MD5 than the file has
    WrongMd5,
    /// gives every answer twice
    Twice,
    /// gives every answer after --late
    Late,
    /// answers under the reqid that follows the right one
    ForeignReqid,
    /// says what it has to say the wrong way round: 下载应答 before 下载进度, 日志上传完成 before 日志召唤应答
    WrongOrder,
    /// answers commands that nobody sent, beside the right answers
    Unasked,
}

/// The share of piles with a fault, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FaultShare {
    /// Which one.
    pub fault: Fault,
    /// How many of all piles.
    pub share: f64,
}

impl std::str::FromStr for FaultShare {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, share) = text.split_once('=').ok_or("give KIND=SHARE, e.g. stuck=0.01")?;
        let kinds = || Fault::value_variants().iter().map(|fault| fault.name());
        let fault = Fault::from_str(name, false)
            .map_err(|_| format!("{name} is none of {}", kinds().collect::<Vec<_>>().join(", ")))?;
        let share: f64 = share
            .parse()
            .map_err(|_| format!("{share} is no share: 0 to 1"))?;
        if !(0.0..=1.0).contains(&share) {
            return Err(format!("{share} is no share: 0 to 1"));
        }
        Ok(Self { fault, share })
    }
}

impl Fault {
    /// The one that a pile has; the shares are taken one after the other, so that no pile has two.
    pub(crate) fn draw(shares: &[FaultShare], rng: &mut impl Rng) -> Option<Self> {
        let mut left: f64 = rng.random();
        for entry in shares {
            if left < entry.share {
                return Some(entry.fault);
            }
            left -= entry.share;
        }
        None
    }

    /// As it is written on the command line.
    pub fn name(self) -> String {
        self.to_possible_value()
            .map(|value| value.get_name().to_owned())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;

    #[test]
    fn shares_are_read_and_refused_in_words() {
        let read: FaultShare = "stuck-update=0.25".parse().unwrap();
        assert_eq!((read.fault, read.share), (Fault::StuckUpdate, 0.25));
        assert!("stuck".parse::<FaultShare>().unwrap_err().contains("KIND=SHARE"));
        assert!("stuck=2".parse::<FaultShare>().unwrap_err().contains("0 to 1"));
        assert!(
            "lazy=0.1"
                .parse::<FaultShare>()
                .unwrap_err()
                .contains("wrong-md5")
        );
    }

    #[test]
    fn every_kind_gets_its_share_of_the_fleet() {
        let shares: Vec<FaultShare> = ["flaky=0.1", "stuck=0.2", "late=0.3"]
            .map(|text| text.parse().unwrap())
            .into();
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        let drawn: Vec<_> = (0..10_000).map(|_| Fault::draw(&shares, &mut rng)).collect();
        for (fault, expected) in [
            (Some(Fault::Flaky), 1000),
            (Some(Fault::Stuck), 2000),
            (Some(Fault::Late), 3000),
            (None, 4000),
        ] {
            let count = drawn.iter().filter(|one| **one == fault).count();
            assert!(count.abs_diff(expected) < 200, "{fault:?}: {count}");
        }
    }
}
