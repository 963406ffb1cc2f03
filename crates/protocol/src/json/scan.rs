//! Finding the end of a string eight bytes at a time: most strings of a message are 4 to 24 bytes long,
//! too short for a vector search to pay.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// The position of the first `"` or `\` at or after `from`.
#[inline(always)]
pub(crate) fn find_quote_or_backslash(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let word = u64::from_le_bytes(*chunk);
        let found = zeros(word ^ (ONES * b'"' as u64)) | zeros(word ^ (ONES * b'\\' as u64));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    let rest = bytes.get(at..)?;
    rest.iter()
        .position(|byte| matches!(byte, b'"' | b'\\'))
        .map(|found| at + found)
}

/// The high bit of every zero byte; exact up to and including the lowest, which is all that is used.
#[inline]
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGHS
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agrees_with_a_plain_search(bytes in proptest::collection::vec(prop_oneof![
            any::<u8>(), Just(b'"'), Just(b'\\'), Just(b'!'), Just(b'#'), Just(0xa2), Just(0xdc)
        ], 0..64), from in 0_usize..70) {
            let plain = bytes
                .iter()
                .enumerate()
                .skip(from)
                .find(|(_, byte)| matches!(byte, b'"' | b'\\'))
                .map(|(at, _)| at);
            prop_assert_eq!(find_quote_or_backslash(&bytes, from), plain);
        }
    }
}
