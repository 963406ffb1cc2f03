//! `pile-ops tail`: what piles and platform say to each other, as it happens.

mod fields;
mod line;

use std::{
    io::{self, Write},
    time::Duration,
};

use common::backoff::Backoff;
use protocol::{Uuid, topic::Topics};
use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, Publish, QoS};

use crate::{
    access::{self, ENGINEER},
    cli::TailArgs,
    data_folder::DataFolder,
    error::CommandError,
    run_file::RunFile,
};

/// Large enough to see what the platform refuses.
const MAX_PACKET: usize = 16 << 20;

/// Prints until Ctrl-C, or until whoever reads has seen enough.
///
/// # Errors
/// [`CommandError`] when nothing runs in the data folder, the uuid is none, or the output fails.
pub async fn tail(args: &TailArgs) -> Result<(), CommandError> {
    let uuid = args.uuid.as_deref().map(Uuid::parse).transpose()?;
    let running = RunFile::of_running(&args.running.data_dir)?;
    let topics = Topics::new("xjdy", "TCU");
    let filters = filters(&topics, uuid);
    let mut options = MqttOptions::new("", "127.0.0.1", running.ports.mqtt);
    options
        .set_keep_alive(Duration::from_secs(30))
        .set_max_packet_size(MAX_PACKET, MAX_PACKET);
    let folder = DataFolder::new(&args.running.data_dir).map_err(CommandError::Output)?;
    if let Some(password) = access::engineer(&folder) {
        options.set_credentials(ENGINEER, password);
    }
    let (client, events) = AsyncClient::new(options, 16);
    tokio::select! {
        printed = print_all(&topics, &filters, &client, events) => match printed {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other.map_err(CommandError::Output),
        },
        _ = tokio::signal::ctrl_c() => Ok(()),
    }
}

fn filters(topics: &Topics, uuid: Option<Uuid>) -> Vec<String> {
    match uuid {
        Some(uuid) => {
            let cmd = topics.cmd(uuid);
            vec![format!("{}/#", cmd.trim_end_matches("/cmd"))]
        }
        None => {
            let every = topics.msg_filter();
            vec![every.replace("/msg", "/#"), format!("{}/#", topics.register())]
        }
    }
}

async fn print_all(
    topics: &Topics,
    filters: &[String],
    client: &AsyncClient,
    mut events: EventLoop,
) -> io::Result<()> {
    let mut backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(10));
    loop {
        match events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(_))) => {
                backoff.reset();
                for filter in filters {
                    // The queue was emptied by the connection; it holds more than our filters.
                    let _ = client.try_subscribe(filter, QoS::AtMostOnce);
                }
            }
            Ok(Event::Incoming(Packet::Publish(publish))) => print(topics, &publish)?,
            Ok(_) => {}
            Err(error) => {
                eprintln!("pile-ops: the broker is away ({error}), trying again");
                backoff.wait().await;
            }
        }
    }
}

fn print(topics: &Topics, publish: &Publish) -> io::Result<()> {
    let now = chrono::Local::now().format("%H:%M:%S%.3f");
    writeln!(
        io::stdout(),
        "{now} {}",
        line::line(topics, &publish.topic, &publish.payload)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_pile_or_all_of_them_and_the_registrations() {
        let topics = Topics::new("xjdy", "TCU");
        let uuid = Uuid::parse("AAAAALFW").unwrap();
        assert_eq!(filters(&topics, Some(uuid)), ["/xjdy/ops/v1/TCU/AAAAALFW/#"]);
        assert_eq!(
            filters(&topics, None),
            ["/xjdy/ops/v1/TCU/+/#", "/xjdy/注册ops/v1/#"]
        );
    }
}
