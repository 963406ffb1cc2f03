//! What is done with piles: commands and their steps, batches, logs with contents, packages and campaigns, schedules
//! and templates. The ids are those of `schemathesis.toml`.

use store::table::command_batch::CommandBatch;
use store::table::command_batch_pile::CommandBatchPile;
use store::table::command_record::{CommandRecord, State};
use store::table::command_step::CommandStep;
use store::table::firmware_package::FirmwarePackage;
use store::table::log_file::LogFile;
use store::table::ota_campaign::OtaCampaign;
use store::table::ota_campaign_event::OtaCampaignEvent;
use store::table::ota_campaign_figure::OtaCampaignFigure;
use store::table::ota_campaign_pile::OtaCampaignPile;
use store::table::parameter_template::ParameterTemplate;
use store::table::pile_parameter::PileParameter;
use store::table::schedule::Schedule;
use store::table::{command_batch, firmware_chunk, log_content};

use crate::world::{GROUP, World};

/// How many there are of each kind: changes and deletions use them up.
const MANY: u64 = 10;

/// Batches 7001…, logs 8001…, packages 6001…, campaigns 9001…, schedules 9501…, templates 9701…, all of 集团 and its
/// piles.
pub(crate) async fn fill(world: &World, now: i64) -> anyhow::Result<()> {
    commands(world, now).await?;
    logs(world, now).await?;
    campaigns(world, now).await?;
    let parameter = |device_id| PileParameter {
        timestamp: 1,
        device_id,
        name: "音量".into(),
        value: "5".into(),
        read_time: now - 1000,
        command: "参数查询".into(),
        ..PileParameter::default()
    };
    world
        .insert(&(3001..3001 + MANY).map(parameter).collect::<Vec<_>>())
        .await?;
    let template = |template_id| ParameterTemplate {
        timestamp: 1,
        template_id,
        name: format!("模板{template_id}"),
        items: r#"{"音量":"6"}"#.into(),
        organization_id: GROUP,
        ..ParameterTemplate::default()
    };
    world
        .insert(&(9701..9701 + MANY).map(template).collect::<Vec<_>>())
        .await?;
    let schedule = |schedule_id| Schedule {
        timestamp: 1,
        schedule_id,
        name: format!("定时{schedule_id}"),
        command: "软件版本查询".into(),
        request: "{}".into(),
        cron: "0 3 * * *".into(),
        selection: "{}".into(),
        organization_id: GROUP,
        created_time: now - 5000,
        ..Schedule::default()
    };
    world
        .insert(&(9501..9501 + MANY).map(schedule).collect::<Vec<_>>())
        .await
}

/// To each of some piles a command by itself, and one of a batch.
async fn commands(world: &World, now: i64) -> anyhow::Result<()> {
    for device_id in 3001..3001 + MANY {
        let of_batch = command_batch::mark(7001, device_id);
        let own = format!("wfuzz{device_id}");
        for (reqid, mark) in [(1, &own), (2, &of_batch)] {
            let record = CommandRecord {
                timestamp: now - 3000,
                device_id,
                created_time: now - 4000,
                reqid,
                command: "软件版本查询",
                state: State::Answered,
                source: "web:chaoguan",
                deadline: now + 60_000,
                request: r#"{"命令":"软件版本查询"}"#,
                answer: r#"{"命令":"软件版本查询应答"}"#,
                caller: mark,
                ..CommandRecord::default()
            };
            world.insert(&[record]).await?;
            let step = CommandStep {
                timestamp: now - 3000,
                device_id,
                created_time: now - 4000,
                reqid,
                command: "软件版本查询",
                caller: mark,
                state: State::Answered,
                attempt: 1,
                ..CommandStep::default()
            };
            world.insert(&[step]).await?;
        }
    }
    let batch = |batch_id| CommandBatch {
        timestamp: 1,
        batch_id,
        name: format!("批量{batch_id}"),
        kind: "manual".into(),
        command: "软件版本查询".into(),
        request: "{}".into(),
        state: "running".into(),
        total: MANY as u32,
        organization_id: GROUP,
        created_time: now - 4000,
        ..CommandBatch::default()
    };
    world
        .insert(&(7001..7001 + MANY).map(batch).collect::<Vec<_>>())
        .await?;
    let pile = |n| CommandBatchPile {
        timestamp: 1,
        batch_id: 7001,
        device_id: 3001 + n,
        uuid: format!("AAAAAAA{}", char::from(b'A' + n as u8)),
        state: "answered".into(),
        caller: command_batch::mark(7001, 3001 + n),
        ..CommandBatchPile::default()
    };
    world.insert(&(0..MANY).map(pile).collect::<Vec<_>>()).await
}

/// Texts, one of them no UTF-8.
async fn logs(world: &World, now: i64) -> anyhow::Result<()> {
    let text = "2026-11-21 10:00:00 启动失败\r\n继续\n".repeat(50);
    for log_id in 8001..8001 + MANY {
        let content: &[u8] = if log_id % 3 == 0 {
            b"\x00\xff\xfe"
        } else {
            text.as_bytes()
        };
        log_content::write(&world.db, log_id, now, 0, &[content]).await?;
        let log = LogFile {
            timestamp: 1,
            log_id,
            device_id: 3001 + log_id % MANY,
            uuid: "AAAAAAAA".into(),
            file_name: "运行 1.log".into(),
            state: "collected".into(),
            charset: if log_id % 3 == 0 { "binary" } else { "utf-8" }.into(),
            chunks: 1,
            text_bytes: content.len() as u64,
            collected_bytes: content.len() as u64,
            created_time: now - 4000,
            ..LogFile::default()
        };
        world.insert(&[log]).await?;
    }
    Ok(())
}

async fn campaigns(world: &World, now: i64) -> anyhow::Result<()> {
    let bytes: &[u8] = b"firmware";
    for package_id in 6001..6001 + MANY {
        firmware_chunk::write(&world.db, package_id, 0, bytes).await?;
        let package = FirmwarePackage {
            timestamp: 1,
            package_id,
            name: format!("程序{package_id}"),
            file_type: "程序包".into(),
            model: "DC-120".into(),
            version: "2.0".into(),
            file_name: "app.bin".into(),
            bytes: bytes.len() as u64,
            chunks: 1,
            created_time: now - 5000,
            ..FirmwarePackage::default()
        };
        world.insert(&[package]).await?;
    }
    for campaign_id in 9001..9001 + MANY {
        // Drafts can be changed; what runs can be asked.
        let state = if campaign_id % 2 == 0 { "draft" } else { "running" };
        let campaign = OtaCampaign {
            timestamp: 1,
            campaign_id,
            name: format!("活动{campaign_id}"),
            organization_id: GROUP,
            package_id: 6001,
            version: "2.0".into(),
            state: state.into(),
            total: 1,
            created_time: now - 4000,
            ..OtaCampaign::default()
        };
        world.insert(&[campaign]).await?;
        let pile = OtaCampaignPile {
            timestamp: 1,
            model: "DC-120".into(),
            ..OtaCampaignPile::chosen(campaign_id, 3001 + campaign_id % MANY, "AAAAAAAA")
        };
        world.insert(&[pile]).await?;
        let event = OtaCampaignEvent {
            timestamp: 1,
            campaign_id,
            event_id: campaign_id + 1000,
            event_time: now - 3000,
            kind: "note".into(),
            text: "准备".into(),
            ..OtaCampaignEvent::default()
        };
        world.insert(&[event]).await?;
        let figure = OtaCampaignFigure {
            timestamp: 1,
            campaign_id,
            measure: "offline".into(),
            look_time: now - 2000,
            verdict: "fine".into(),
            ..OtaCampaignFigure::default()
        };
        world.insert(&[figure]).await?;
    }
    Ok(())
}
