//! Fixed point with three decimals, as meters and chargers report.

use serde::{Deserialize, Serialize};

use super::{Put, put::put_option};

/// `Decimal32(3)`: thousandths, up to ±999,999.999. Voltages, currents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Milli32(pub i32);

/// `Decimal64(3)`: thousandths. Energies, meter readings, money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Milli64(pub i64);

impl Milli32 {
    const LIMIT: i64 = 999_999_999;

    /// The nearest value that fits: a broken sensor's 9e9 V must not cost the row.
    #[inline]
    pub fn saturating(thousandths: i64) -> Self {
        Self(thousandths.clamp(-Self::LIMIT, Self::LIMIT) as i32)
    }
}

impl Milli64 {
    const LIMIT: i64 = 999_999_999_999_999_999;

    /// The nearest value that fits.
    #[inline]
    pub fn saturating(thousandths: i64) -> Self {
        Self(thousandths.clamp(-Self::LIMIT, Self::LIMIT))
    }
}

macro_rules! put_decimals {
    ($($decimal:ty => $name:literal),*) => {$(
        impl Put for $decimal {
            const TYPE: &'static str = $name;
            #[inline]
            fn put(&self, out: &mut Vec<u8>) {
                self.0.put(out);
            }
        }
        impl Put for Option<$decimal> {
            const TYPE: &'static str = concat!("Nullable(", $name, ")");
            #[inline]
            fn put(&self, out: &mut Vec<u8>) {
                put_option(self.as_ref(), out);
            }
        }
    )*};
}

put_decimals!(Milli32 => "Decimal(9, 3)", Milli64 => "Decimal(18, 3)");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_past_the_range_stop_at_its_end() {
        assert_eq!(Milli32::saturating(i64::MAX), Milli32(999_999_999));
        assert_eq!(Milli32::saturating(-5), Milli32(-5));
        assert_eq!(Milli64::saturating(i64::MIN), Milli64(-999_999_999_999_999_999));
    }
}
