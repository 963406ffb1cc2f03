//! One row of every table with no column at its default, encoded.

use std::borrow::Cow;

use store::table::asset::Asset;
use store::table::boot_failed_record::BootFailedRecord;
use store::table::broker_account::BrokerAccount;
use store::table::command_record::{self, CommandRecord};
use store::table::command_step::CommandStep;
use store::table::firmware_chunk::FirmwareChunk;
use store::table::key_component_action_count::KeyComponentActionCount;
use store::table::log_content::LogContent;
use store::table::login_record::LoginRecord;
use store::table::malformed_message::MalformedMessage;
use store::table::open_access_daily::OpenAccessDaily;
use store::table::operation_record::OperationRecord;
use store::table::quarantine::Quarantine;
use store::table::registration::Registration;
use store::table::registration_allow_list::RegistrationAllowList;
use store::table::run_data::{Kind, RunData};
use store::table::trade_record::TradeRecord;
use store::table::traffic_daily::{Day, Direction, TrafficDaily};
use store::table::unknown_message::UnknownMessage;
use store::table::uuid_ledger::UuidLedger;
use store::table::warn_record::{self, WarnRecord};
use store::{Map, Milli32, Milli64, Record, Table};

const T: i64 = 1_741_778_206_123;
/// Not UTF-8: a payload is bytes.
const RAW: &[u8] = &[0, 0xff, b'{', 0x80, b'\n', b'\''];

fn bytes(row: impl Record) -> Vec<u8> {
    let mut out = Vec::new();
    row.encode(&mut out);
    out
}

pub(crate) fn sample(table: Table) -> Vec<u8> {
    match table {
        Table::Asset => bytes(asset()),
        Table::RunData => {
            let extra = [("温度_℃", "41"), ("b'\t", "")].map(|(k, v)| (Cow::from(k), Cow::from(v)));
            bytes(RunData {
                extra: Map(&extra),
                ..run_data()
            })
        }
        Table::TradeRecord => bytes(trade_record()),
        Table::BootFailedRecord => bytes(boot_failed_record()),
        Table::KeyComponentActionCount => bytes(key_component_action_count()),
        Table::LoginRecord => bytes(login_record()),
        Table::WarnRecord => bytes(warn_record()),
        Table::CommandRecord => bytes(command_record()),
        Table::CommandStep => bytes(command_step()),
        Table::UnknownMessage => bytes(UnknownMessage {
            recv_time: T,
            device_id: 7,
            uuid: "AAAAAMWY",
            command: "新命令",
            reqid: 9,
            payload: RAW,
        }),
        Table::MalformedMessage => bytes(malformed_message()),
        Table::Quarantine => bytes(quarantine()),
        Table::LogContent => bytes(LogContent {
            timestamp: T,
            log_id: 9,
            chunk: 3,
            text: RAW,
        }),
        Table::FirmwareChunk => bytes(FirmwareChunk {
            package_id: 11,
            chunk: 4,
            content: RAW,
        }),
        Table::TrafficDaily => bytes(TrafficDaily {
            day: Day::of(T),
            device_id: 7,
            command: "运行数据",
            direction: Direction::Down,
            messages: 3,
            bytes: u64::MAX,
        }),
        Table::Registration => bytes(registration()),
        Table::UuidLedger => bytes(UuidLedger {
            timestamp: T,
            uuid: "AAAAAMWY",
            sn: "SN-1",
            claim: u64::MAX,
            reason: "注册",
        }),
        Table::RegistrationAllowList => bytes(RegistrationAllowList {
            timestamp: T,
            flag_del: 1,
            model: "DC-120",
            contract_num: "HT-1",
            remark: "备注",
        }),
        Table::BrokerAccount => bytes(BrokerAccount {
            timestamp: T,
            flag_del: 1,
            username: "engineer",
            role: "engineer",
            credential: "hash",
            remark: "备注",
        }),
        Table::OpenAccessDaily => bytes(OpenAccessDaily {
            day: Day::of(T),
            uuid: "AAAAAMWY",
            client_id: "c",
            address: "127.0.0.1",
            connections: u64::MAX,
        }),
        Table::OperationRecord => bytes(OperationRecord {
            timestamp: T,
            operation_id: u64::MAX,
            user_id: 1,
            account: "admin",
            address: "127.0.0.1",
            operation: "/registration/approve",
            resource: "registration",
            resource_id: "SN-1",
            before: "{}",
            after: "{\"state\":\"已注册\"}",
            result: "成功",
        }),
        other => crate::versioned::sample(other).expect("every table has a sample"),
    }
}

fn registration() -> Registration<'static> {
    Registration {
        timestamp: T,
        flag_del: 1,
        sn: "SN-1",
        uuid: "AAAAAMWY",
        former_uuid: "AAAAAMWX",
        state: "在役",
        model: "DC-120",
        contract_num: "HT-1",
        software_version: "3.2.1",
        sim: "89860",
        device_id: u64::MAX,
        username: "AAAAAMWY",
        credential: "hash",
        credential_time: -1,
        request_time: T,
        login_time: T,
        decided_by: "staff",
        reason: "原因",
    }
}

fn asset() -> Asset<'static> {
    Asset {
        timestamp: T,
        flag_del: 1,
        device_id: u64::MAX,
        sta_id: 2,
        dt_id: 3,
        model: "DC120",
        contract_num: "HT-1",
        manufacture_date: -1,
        mvno: "移动",
        mvno_code: "46000",
        sim: "89860",
        audit_status: "待接入",
        maintecance_status: "正常",
        guarantee_period: "三年",
        guarantee_start: T + 1,
        guarantee_end: T + 2,
        maintecance_organization: "运维部",
        responsible: "张三",
        contact_information: "13800000000",
        name: "AAAAAMWY",
        ass_name: "一号桩",
        commissioning_date: T + 3,
    }
}

fn run_data() -> RunData<'static> {
    RunData {
        timestamp: T,
        pile_time: T - 1,
        recv_time: T + 1,
        clock_skew: 1,
        device_id: 7,
        gun_num: 2,
        device_zone: "2枪数据",
        kind: Kind::Change,
        reqid: u32::MAX,
        work_state: "充电中",
        link_state: "已插枪",
        voltage: Some(Milli32(-999_999_999)),
        current: Some(Milli32(2)),
        energy: Some(Milli64(999_999_999_999_999_999)),
        charged_minutes: Some(5),
        soc: None,
        meter: Some(Milli64(19_754)),
        extra: Map::default(),
    }
}

fn trade_record() -> TradeRecord<'static> {
    TradeRecord {
        timestamp: T,
        pile_time: T - 1,
        recv_time: T + 1,
        clock_skew: 1,
        device_id: 7,
        device_zone: "1枪数据",
        gun_num: 1,
        trade_id: "00000000000000002506181906190401",
        content_hash: 0xdead_beef,
        conflict: 1,
        reqid: 11,
        vin: "LSV��",
        vin_raw_hex: "4c5356ff",
        charge_way: "刷卡",
        start_time: T - 9,
        end_time: T - 8,
        start_soc: Some(20),
        end_soc: Some(90),
        start_meter: Some(Milli64(1)),
        end_meter: Some(Milli64(2)),
        energy: Some(Milli64(3)),
        energy_sharp: Some(Milli64(4)),
        energy_peak: Some(Milli64(5)),
        energy_flat: None,
        energy_valley: Some(Milli64(7)),
        charged_minutes: Some(61),
        stop_reason: "充满",
        amount: Some(Milli64(12_340)),
        raw: RAW,
    }
}

fn boot_failed_record() -> BootFailedRecord<'static> {
    BootFailedRecord {
        timestamp: T,
        pile_time: T - 1,
        recv_time: T + 1,
        clock_skew: 1,
        dt_id: 5,
        trade_id: "2506181906190401",
        device_id: 7,
        device_zone: "1枪数据",
        gun_num: 1,
        app_time: "2025-06-18 19:08:15+0800",
        generate_time: T - 2,
        failed_code: "0X68:车辆原因-BRM报文接收超时",
        failed_hex: "0X68",
        failed_party: "车辆原因",
        failed_text: "BRM报文接收超时",
        charge_way: "密码",
        start_soc: 33,
        vin: "LSVAU2180N2000001",
        reqid: 1,
    }
}

fn key_component_action_count() -> KeyComponentActionCount<'static> {
    KeyComponentActionCount {
        timestamp: T,
        pile_time: T - 1,
        recv_time: T + 1,
        clock_skew: 1,
        device_id: 7,
        device_zone: "1枪数据",
        key_component_name: "直流输出接触器",
        switching_cycles: 4,
        abnormal_switching_cycles: 2,
        reqid: 3,
    }
}

fn login_record() -> LoginRecord<'static> {
    LoginRecord {
        timestamp: T,
        pile_time: T - 1,
        recv_time: T + 1,
        clock_skew: 1,
        device_id: 7,
        uuid: "AAAAAMWY",
        reqid: 1,
        software_version: "1.0.7",
        hardware_version: "2.0",
        model: "DC120",
        sn: "SN1",
        gun_count: 2,
        sim: "89860",
        mvno: "移动",
        signal_dbm: Some(-71),
    }
}

fn warn_record() -> WarnRecord<'static> {
    WarnRecord {
        timestamp: T,
        pile_time: T - 1,
        recv_time: T + 1,
        clock_skew: 1,
        device_id: 7,
        device_zone: "桩数据",
        warn_code: "0x21",
        warn_name: "急停",
        warn_level: 1,
        warn_class: "安全",
        state: warn_record::State::Recovered,
        source: warn_record::Source::Platform,
        generate_time: T - 5,
        recover_time: T - 4,
        count: 21,
        extra: "门已开",
        reqid: 6,
    }
}

fn command_record() -> CommandRecord<'static> {
    CommandRecord {
        timestamp: T,
        device_id: 7,
        created_time: T - 9,
        reqid: 234,
        command: "日志召唤",
        state: command_record::State::Cancelled,
        source: "外部",
        sent_time: T - 8,
        answered_time: T - 7,
        deadline: T + 9,
        result: "失败",
        reason: "FTP不可达",
        progress: 40,
        request: "{}",
        answer: "{\"a\":1}",
        caller: "b7-7",
        attempts: 3,
        node: 14,
    }
}

fn command_step() -> CommandStep<'static> {
    CommandStep {
        timestamp: T,
        device_id: 7,
        created_time: T - 9,
        reqid: 234,
        command: "日志召唤",
        caller: "b7-7",
        state: command_record::State::TimedOut,
        attempt: 3,
        progress: 40,
        result: "失败",
        reason: "FTP不可达",
    }
}

fn malformed_message() -> MalformedMessage<'static> {
    MalformedMessage {
        recv_time: T,
        device_id: 7,
        uuid: "AAAAAMWY",
        topic: "/xjdy/ops/v1/TCU/AAAAAMWY/msg",
        reason: "syntax",
        offset: 12,
        size: 300_000,
        sample: RAW,
    }
}

fn quarantine() -> Quarantine<'static> {
    Quarantine {
        recv_time: T,
        device_id: 7,
        uuid: "AAAAAMWY",
        topic: "/xjdy/ops/v1/TCU/AAAAAMWY/msg",
        table_name: "trade_record",
        reason: "poison",
        error: "开始时间 cannot be read",
        trade_id: "42",
        payload: RAW,
    }
}
