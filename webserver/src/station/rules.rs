//! What a station may be.

use store::{Milli32, table::station::Station};

use super::wire::Fields;
use crate::ground::{ApiError, check, time};

/// The station as it is with these fields.
pub(super) fn with(mut station: Station, fields: &Fields) -> Result<Station, ApiError> {
    if let Some(name) = &fields.sta_name {
        station.sta_name = name.clone();
    }
    station.sta_name = check::name("sta_name", &station.sta_name, 64)?;
    let texts = [
        ("address", &fields.address, &mut station.address, 256),
        ("province", &fields.province, &mut station.province, 64),
        ("city", &fields.city, &mut station.city, 64),
        ("district", &fields.district, &mut station.district, 64),
        ("operator", &fields.operator, &mut station.operator, 128),
        ("contact", &fields.contact, &mut station.contact, 64),
        (
            "contact_information",
            &fields.contact_information,
            &mut station.contact_information,
            128,
        ),
        ("open_hours", &fields.open_hours, &mut station.open_hours, 128),
        ("time_zone", &fields.time_zone, &mut station.time_zone, 64),
    ];
    for (name, text, place, most) in texts {
        if let Some(text) = text {
            *place = check::optional(name, text, most)?;
        }
    }
    if time::zone(&station.time_zone).is_none() {
        return Err(ApiError::invalid(
            "time_zone",
            "须为 IANA 时区名，如 Asia/Shanghai",
            "must be an IANA time zone such as Asia/Shanghai",
        ));
    }
    if let Some(degrees) = fields.longitude {
        station.longitude = check::between("longitude", degrees, -180.0, 180.0)?;
    }
    if let Some(degrees) = fields.latitude {
        station.latitude = check::between("latitude", degrees, -90.0, 90.0)?;
    }
    if let Some(power) = fields.capacity_kw {
        let power = check::between("capacity_kw", power, 0.0, 999_999.0)?;
        station.capacity_kw = Milli32::saturating((power * 1000.0).round() as i64);
    }
    if let Some(moment) = fields.commissioning_date {
        station.commissioning_date = check::moment("commissioning_date", moment)?;
    }
    Ok(station)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_stays() {
        let old = Station {
            sta_name: "站".into(),
            city: "上海".into(),
            ..Station::default()
        };
        let fields = Fields {
            capacity_kw: Some(120.5),
            city: Some(String::new()),
            ..Fields::default()
        };
        let new = with(old.clone(), &fields).unwrap();
        assert_eq!(
            (new.sta_name.as_str(), new.city.as_str(), new.capacity_kw.0),
            ("站", "", 120_500)
        );
        for wrong in [
            Fields {
                latitude: Some(90.1),
                ..Fields::default()
            },
            Fields {
                longitude: Some(f64::NAN),
                ..Fields::default()
            },
            Fields {
                capacity_kw: Some(-1.0),
                ..Fields::default()
            },
            Fields {
                time_zone: Some("北京".into()),
                ..Fields::default()
            },
            Fields {
                commissioning_date: Some(-1),
                ..Fields::default()
            },
            Fields {
                sta_name: Some(" ".into()),
                ..Fields::default()
            },
        ] {
            assert!(with(old.clone(), &wrong).is_err(), "{wrong:?}");
        }
        assert!(with(Station::default(), &Fields::default()).is_err());
    }
}
