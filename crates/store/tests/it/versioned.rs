//! Rows that are versions: one of every table, and what is read of several.

use store::table::clock_survey::ClockSurvey;
use store::table::command_batch::CommandBatch;
use store::table::command_batch_pile::CommandBatchPile;
use store::table::device_model::DeviceModel;
use store::table::firmware_package::FirmwarePackage;
use store::table::log_file::LogFile;
use store::table::organization::Organization;
use store::table::organization_station::OrganizationStation;
use store::table::organization_user::OrganizationUser;
use store::table::parameter_template::ParameterTemplate;
use store::table::pile_parameter::PileParameter;
use store::table::role::Role;
use store::table::schedule::Schedule;
use store::table::schedule_run::ScheduleRun;
use store::table::sim_survey::SimSurvey;
use store::table::station::Station;
use store::table::user::User;
use store::table::version_survey::VersionSurvey;
use store::{Conditions, Milli32, Record, Table, Value, versioned};

use crate::{insert, ota, started};

const T: i64 = 1_741_778_206_123;

fn bytes(row: impl Record) -> Vec<u8> {
    let mut out = Vec::new();
    row.encode(&mut out);
    out
}

/// A row with no column at its default; none for tables that are not version-replaced.
pub(crate) fn sample(table: Table) -> Option<Vec<u8>> {
    let (timestamp, flag_del) = (T, 1);
    Some(match table {
        Table::DeviceModel => bytes(DeviceModel {
            timestamp,
            flag_del,
            model_id: 1 << 53,
            model: "DC-120".into(),
        }),
        Table::Station => bytes(station()),
        Table::Organization => bytes(Organization {
            timestamp,
            flag_del,
            organization_id: 1001,
            parent_id: 1000,
            organization_name: "华东区".into(),
            contact: "张三".into(),
            contact_information: "021-1".into(),
        }),
        Table::OrganizationUser => bytes(OrganizationUser {
            timestamp,
            flag_del,
            organization_id: 1001,
            user_id: 5,
        }),
        Table::OrganizationStation => bytes(OrganizationStation {
            timestamp,
            flag_del,
            organization_id: 1001,
            sta_id: 2001,
        }),
        Table::CommandBatch => bytes(CommandBatch {
            timestamp,
            flag_del,
            batch_id: 1 << 53,
            name: "n".into(),
            kind: "k".into(),
            command: "c".into(),
            request: "r".into(),
            source: "s".into(),
            rate_per_s: 70_000,
            timeout_s: 70_000,
            state: "s".into(),
            total: 70_000,
            organization_id: 1 << 53,
            created_by: "c".into(),
            created_time: T,
            finished_time: T,
            origin_id: 1 << 53,
        }),
        Table::CommandBatchPile => bytes(CommandBatchPile {
            timestamp,
            flag_del,
            batch_id: 1 << 53,
            device_id: 1 << 53,
            uuid: "u".into(),
            state: "s".into(),
            reason: "r".into(),
            caller: "c".into(),
            request: "r".into(),
            due_time: T,
            asked_time: T,
            finished_time: T,
        }),
        Table::PileParameter => bytes(PileParameter {
            timestamp,
            flag_del,
            device_id: 1 << 53,
            name: "n".into(),
            value: "v".into(),
            read_time: T,
            command: "c".into(),
            caller: "c".into(),
        }),
        Table::SimSurvey => bytes(SimSurvey {
            timestamp,
            flag_del,
            device_id: 1 << 53,
            uuid: "u".into(),
            caller: "c".into(),
            read_time: T,
            iccid: "i".into(),
            imsi: "i".into(),
            mvno: "m".into(),
            signal_dbm: Some(-71),
            answer: "a".into(),
        }),
        Table::VersionSurvey => bytes(VersionSurvey {
            timestamp,
            flag_del,
            device_id: 1 << 53,
            uuid: "u".into(),
            caller: "c".into(),
            read_time: T,
            software_version: "s".into(),
            hardware_version: "h".into(),
            parts: "p".into(),
            answer: "a".into(),
        }),
        Table::ClockSurvey => bytes(ClockSurvey {
            timestamp,
            flag_del,
            device_id: 1 << 53,
            uuid: "u".into(),
            caller: "c".into(),
            read_time: T,
            command: "c".into(),
            pile_time: T,
            difference_ms: T,
        }),
        Table::ParameterTemplate => bytes(ParameterTemplate {
            timestamp,
            flag_del,
            template_id: 1 << 53,
            name: "n".into(),
            model: "m".into(),
            items: "i".into(),
            remark: "r".into(),
            organization_id: 1 << 53,
            created_by: "c".into(),
        }),
        Table::Schedule => bytes(Schedule {
            timestamp,
            flag_del,
            schedule_id: 1 << 53,
            name: "n".into(),
            command: "c".into(),
            request: "r".into(),
            cron: "c".into(),
            spread_s: 70_000,
            selection: "s".into(),
            skip_offline: 1,
            rate_per_s: 70_000,
            timeout_s: 70_000,
            enabled: 1,
            organization_id: 1 << 53,
            created_by: "c".into(),
            created_time: T,
        }),
        Table::ScheduleRun => bytes(ScheduleRun {
            timestamp,
            flag_del,
            schedule_id: 1 << 53,
            planned_time: T,
            started_time: T,
            state: "s".into(),
            batch_id: 1 << 53,
            chosen: 70_000,
            skipped: 70_000,
            reason: "r".into(),
        }),
        Table::User => bytes(user()),
        Table::Role => bytes(Role {
            timestamp,
            flag_del,
            role_id: 3,
            role_name: "运维".into(),
            permissions: vec!["*:read".into(), "warn:write".into()],
            description: "值班".into(),
        }),
        Table::FirmwarePackage => bytes(package()),
        Table::LogFile => bytes(log_file()),
        Table::OtaCampaign => bytes(ota::campaign()),
        Table::OtaCampaignPile => bytes(ota::pile()),
        Table::OtaCampaignEvent => bytes(ota::event()),
        Table::OtaCampaignFigure => bytes(ota::figure()),
        _ => return None,
    })
}

fn package() -> FirmwarePackage {
    FirmwarePackage {
        timestamp: T,
        flag_del: 1,
        package_id: 11,
        name: "一月版".into(),
        file_type: "程序包".into(),
        model: "DC-120".into(),
        version: "1.0.8".into(),
        file_name: "actest108.bin".into(),
        bytes: 583_760,
        chunks: 3,
        md5: "2a8d".into(),
        sha256: "e3b0".into(),
        signature: "aa".into(),
        remark: "a".into(),
        created_by: "zhang".into(),
        created_time: T,
    }
}

pub(crate) fn log_file() -> LogFile {
    LogFile {
        timestamp: T,
        flag_del: 1,
        log_id: 9,
        device_id: 7,
        uuid: "AAAAAMWY".into(),
        file_name: "BillingGun1.0.log".into(),
        state: "uploading".into(),
        bytes: 1000,
        collected_bytes: 500,
        charset: "gb18030".into(),
        text_bytes: 600,
        chunks: 1,
        sha256: "e3b0".into(),
        reason: "a".into(),
        created_by: "zhang".into(),
        created_time: T,
        deadline: T + 1,
        finished_time: T + 2,
    }
}

fn station() -> Station {
    Station {
        timestamp: T,
        flag_del: 1,
        sta_id: 2001,
        sta_name: "站'一\\".into(),
        address: "a".into(),
        province: "b".into(),
        city: "c".into(),
        district: "d".into(),
        longitude: 121.5,
        latitude: -31.2,
        operator: "e".into(),
        contact: "f".into(),
        contact_information: "g".into(),
        capacity_kw: Milli32(1_440_500),
        open_hours: "h".into(),
        commissioning_date: T,
        time_zone: "Asia/Urumqi".into(),
    }
}

fn user() -> User {
    User {
        timestamp: T,
        flag_del: 1,
        user_id: 5,
        account: "zhang".into(),
        user_name: "张三".into(),
        password_hash: "$argon2id$".into(),
        role_id: 3,
        phone: "1".into(),
        email: "z@x".into(),
        state: "启用".into(),
        password_time: T,
        must_change_password: 1,
    }
}

#[tokio::test]
async fn the_newest_version_counts_and_a_deletion_hides_it() -> anyhow::Result<()> {
    let (_engine, db) = started().await?;
    let version = |timestamp, flag_del| Station {
        timestamp,
        flag_del,
        ..station()
    };
    let this = |id: u64| Conditions::new().and("sta_id = ?", [id.into()]);
    insert(&db, &[version(T, 0)], "").await?;
    assert_eq!(
        versioned::present::<Station>(&db, &this(2001)).await?,
        [version(T, 0)]
    );
    insert(&db, &[version(T + 1, 1)], "").await?;
    assert!(versioned::present::<Station>(&db, &this(2001)).await?.is_empty());
    assert_eq!(
        versioned::newest::<Station>(&db, &this(2001)).await?,
        [version(T + 1, 1)]
    );
    assert!(versioned::newest::<Station>(&db, &this(2002)).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_bound_text_is_never_sql_nor_a_pattern() -> anyhow::Result<()> {
    let (_engine, db) = started().await?;
    let mut odd = station();
    odd.flag_del = 0;
    let names = ["a'b\\", "100%", "?", "') OR 1=1 --", "换\n行"];
    for (id, name) in names.iter().enumerate() {
        odd.sta_id = id as u64;
        odd.sta_name = (*name).to_owned();
        insert(&db, &[odd.clone()], "").await?;
    }
    for name in names {
        let words = Conditions::new().and_words(
            "positionCaseInsensitiveUTF8(sta_name, ?) > 0 OR address = ?",
            Some(name),
        );
        let found = versioned::present::<Station>(&db, &words).await?;
        assert_eq!(
            found.iter().map(|station| &station.sta_name).collect::<Vec<_>>(),
            [name]
        );
    }
    let both = Conditions::new().and(
        "sta_name IN ?",
        [Value::TextList(vec!["?".into(), "100%".into()])],
    );
    assert_eq!(versioned::present::<Station>(&db, &both).await?.len(), 2);
    Ok(())
}
