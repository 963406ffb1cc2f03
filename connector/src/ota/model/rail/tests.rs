//! Looks over small, made-up comparisons.

use super::*;

const OCCASION: Occasion = Occasion {
    campaign_id: 9,
    stage: 0,
    look: 1,
};

/// Blocks of four piles, the first updated at 100, with this many failures of ten starts each.
fn fleet(blocks: u32, updated: f64, control: f64) -> (Vec<Subject>, Vec<Cell>) {
    let subjects: Vec<_> = (0..blocks * 4)
        .map(|nth| Subject {
            device_id: u64::from(nth),
            block: nth / 4,
            updated: nth % 4 == 0,
            since: if nth % 4 == 0 { 100 } else { 0 },
            usual: 1.0,
        })
        .collect();
    let cells = subjects.iter().enumerate().flat_map(|(place, subject)| {
        let failures = if subject.updated { updated } else { control };
        [0, 100].map(|slot| Cell {
            place,
            slot,
            events: failures,
            scored: failures,
            exposure: 10.0,
        })
    });
    let cells = cells.collect();
    (subjects, cells)
}

#[test]
fn what_is_worse_says_so_with_its_figures() {
    let (subjects, cells) = fleet(30, 2.0, 0.5);
    let look = look(
        OCCASION,
        OCCASION.look,
        &Plan::default(),
        Measure::BootFailures,
        &subjects,
        &cells,
    );
    assert_eq!(look.verdict, Verdict::Worse);
    // The slot before the update does not count, on either side.
    assert_eq!((look.updated.piles, look.updated.exposure), (30, 300.0));
    assert_eq!((look.control.piles, look.control.exposure), (90, 900.0));
    let RailSays::Worse(why, figures) = says(&Plan::default(), &[look]) else {
        panic!("it is worse");
    };
    assert!(
        why.starts_with("启动失败率：升级桩20.00%（60/300，30桩），对照桩5.00%（45/900，90桩）"),
        "{why}"
    );
    let figures: serde_json::Value = serde_json::from_str(&figures).unwrap();
    assert_eq!(figures[0]["updated"]["rate"], 0.2);
}

#[test]
fn what_is_better_or_little_worse_is_fine() {
    for (updated, control) in [(0.5, 2.0), (1.0, 1.0), (1.1, 1.0)] {
        let (subjects, cells) = fleet(200, updated, control);
        let look = look(
            OCCASION,
            OCCASION.look,
            &Plan::default(),
            Measure::BootFailures,
            &subjects,
            &cells,
        );
        assert_eq!(look.verdict, Verdict::Fine, "{updated} against {control}");
        assert_eq!(says(&Plan::default(), &[look]), RailSays::Fine);
    }
}

#[test]
fn too_little_data_is_waited_for_and_no_data_says_nothing() {
    let (subjects, cells) = fleet(10, 1.0, 1.0);
    let look_at = |cells: &[Cell]| {
        look(
            OCCASION,
            OCCASION.look,
            &Plan::default(),
            Measure::BootFailures,
            &subjects,
            cells,
        )
    };
    assert!(matches!(
        says(&Plan::default(), &[look_at(&cells)]),
        RailSays::Waiting(_)
    ));
    assert_eq!(look_at(&[]).verdict, Verdict::NoData);
    let mut off = Plan::default();
    off.rail.enabled = false;
    assert_eq!(says(&off, &[look_at(&[])]), RailSays::Fine);
}

#[test]
fn looks_are_told_as_people_read_them() {
    let side = |events, exposure| Side {
        piles: 5,
        events,
        exposure,
    };
    let look = |p_value, bound, verdict| Look {
        measure: Measure::Offline,
        updated: side(3.0, 100.0),
        control: side(2.0, 100.0),
        excess: 1.0,
        p_value,
        bound,
        verdict,
    };
    let none = look(1.0, 0.0008, Verdict::NoData);
    for (p, bound, told) in [
        (1.0, 0.0016, "p=1，界限0.0016"),
        (0.25, 0.01, "p=0.25，界限0.01"),
        (0.0042, 0.000_8, "p=0.0042，界限0.0008"),
        (0.000_012, 0.000_000_5, "p=0.000012，界限0.0000005"),
        (0.000_000_3, 0.000_1, "p<0.00001，界限0.0001"),
    ] {
        let told = format!("离线时间：升级桩3.00%（3/100，5桩），对照桩2.00%（2/100，5桩），{told}");
        let looks = [none.clone(), look(p, bound, Verdict::Fine), none.clone()];
        assert_eq!(in_words(&looks), told);
    }
}

#[test]
fn a_look_can_be_repeated() {
    let (subjects, cells) = fleet(20, 1.2, 1.0);
    let look = || {
        look(
            OCCASION,
            OCCASION.look,
            &Plan::default(),
            Measure::Warnings,
            &subjects,
            &cells,
        )
    };
    assert_eq!(look(), look());
}
