//! Drivers and vehicles: the VIN as the BMS gives it, and how the driver starts and stops.

use rand::Rng;
use rand::seq::IndexedRandom;

/// How a driver starts a charge (充电方式).
pub(crate) const START_MODES: [&str; 5] = ["扫码", "刷卡", "密码", "VIN", "即插即充"];

const VIN_PREFIXES: [&str; 8] = [
    "LSVAM4", "LGXC74", "LNBSCC", "LSJE24", "LRW3E7", "LHGGK5", "LVVDB1", "LB37522",
];
const VIN_LETTERS: &[u8] = b"0123456789ABCDEFGHJKLMNPRSTUVWXYZ";

/// Starts: mostly by scanning a code.
pub(crate) fn draw_start_mode(rng: &mut impl Rng) -> &'static str {
    let modes = [
        START_MODES[0],
        START_MODES[0],
        START_MODES[0],
        START_MODES[1],
        START_MODES[2],
        START_MODES[3],
        START_MODES[4],
    ];
    modes.choose(rng).copied().unwrap_or(START_MODES[0])
}

/// A well-formed 17-character VIN, or for garbled firmware the raw bytes a damaged BMS buffer holds.
pub(crate) fn draw_vin(garbled: bool, rng: &mut impl Rng) -> Box<[u8]> {
    let mut vin = VIN_PREFIXES
        .choose(rng)
        .copied()
        .unwrap_or("LSVAM4")
        .as_bytes()
        .to_vec();
    while vin.len() < 17 {
        vin.push(VIN_LETTERS.choose(rng).copied().unwrap_or(b'0'));
    }
    if garbled {
        garble(&mut vin, rng);
    }
    vin.into_boxed_slice()
}

/// Half of the garbled ones carry GBK text, half random bytes. Quotes and backslashes are left out:
/// a payload that is no JSON at all is another fault than an unreadable VIN.
fn garble(vin: &mut [u8], rng: &mut impl Rng) {
    let tail = &mut vin[5..];
    if rng.random() {
        let (gbk, _, _) = encoding_rs::GBK.encode("京津沪渝冀豫");
        tail.copy_from_slice(&gbk);
    } else {
        tail.fill_with(|| {
            loop {
                let byte: u8 = rng.random_range(0x20..=0xFE);
                if byte != b'"' && byte != b'\\' && byte != 0x7F {
                    return byte;
                }
            }
        });
        // Whatever else is drawn, one byte is invalid UTF-8 for sure.
        tail[0] = 0xFF;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_xoshiro::Xoshiro256PlusPlus;

    #[test]
    fn vins_are_seventeen_bytes_and_garbled_ones_are_not_utf8() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        for _ in 0..200 {
            let vin = draw_vin(false, &mut rng);
            assert!(vin.len() == 17 && vin.is_ascii());
            let garbled = draw_vin(true, &mut rng);
            assert!(garbled.len() == 17 && std::str::from_utf8(&garbled).is_err());
            assert!(!garbled.contains(&b'"') && !garbled.contains(&b'\\'));
        }
    }
}
