//! A fleet that keeps a book: about 2,000 messages a second with records among them, each record sent again, as piles
//! do, until it is confirmed. What it has made is what the database must hold, once.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, QoS};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::{LATER, message, until};

const PILES: u64 = 50;
/// As configured for every test; piles are dealt to them by turns.
const WORKERS: u64 = 2;
/// Messages per [`TICK`]: 2,000 a second.
const BURST: u64 = 20;
const TICK: Duration = Duration::from_millis(10);
/// Of so many messages one is a charge record, one a component answer, one a failed start; the rest is run data.
const RECORD_EVERY: u64 = 50;
/// A pile sends again what was not confirmed for so long.
const RESEND: Duration = Duration::from_secs(1);

/// What a pile sends until it is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Trade,
    Component,
    BootFailed,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Trade, Self::Component, Self::BootFailed];

    fn confirmation(self) -> &'static str {
        match self {
            Self::Trade => "充电记录确认",
            Self::Component => "关键器件动作确认",
            Self::BootFailed => "启动失败原因确认",
        }
    }
}

#[derive(Debug)]
struct Owed {
    kind: Kind,
    number: String,
    /// When it happened on the pile, ms: a second of its own, so that no two of one pile share their identity.
    at: i64,
    /// Switching cycles, for a component answer.
    cycles: u64,
    sent: Instant,
    /// How long after it was first sent.
    confirmed: Option<Duration>,
    made: Instant,
}

/// The book: by pile and reqid.
#[derive(Debug)]
struct Book {
    /// Ms; whole seconds.
    began: i64,
    owed: HashMap<(u64, u32), Owed>,
    run_data: u64,
    reqids: BTreeMap<u64, u32>,
    course: Course,
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Course {
    Runs,
    /// Nothing new but the last records.
    Ends,
    /// The last records are on their way, behind all the rest.
    Ended,
}

/// What was made in a run, all of it confirmed.
#[derive(Debug)]
pub(crate) struct Made {
    /// Charge records: uuid and number, in order.
    pub(crate) trades: Vec<(String, String)>,
    pub(crate) boot_failed: u64,
    pub(crate) answers: u64,
    /// The sum of the answers' switching cycles.
    pub(crate) cycles: u64,
    /// Run data handed to the broker's client.
    pub(crate) run_data: u64,
    pub(crate) piles: u64,
}

/// See the module; silent when dropped.
pub(crate) struct Fleet {
    book: Arc<Mutex<Book>>,
    listening: JoinHandle<()>,
    sending: JoinHandle<()>,
}

impl Fleet {
    /// Starts sending through the broker on this port.
    pub(crate) fn start(port: u16) -> Self {
        let mut options = MqttOptions::new("fleet", "127.0.0.1", port);
        // The session outlives a broken connection, and with it what the broker has not acknowledged.
        options
            .set_clean_session(false)
            .set_inflight(1000)
            .set_max_packet_size(1 << 20, 1 << 20);
        let (client, events) = AsyncClient::new(options, 100);
        let book = Arc::new(Mutex::new(Book {
            began: message::now() / 1000 * 1000 - 3_600_000,
            owed: HashMap::new(),
            run_data: 0,
            reqids: BTreeMap::new(),
            course: Course::Runs,
        }));
        Self {
            listening: tokio::spawn(listen(events, client.clone(), Arc::clone(&book))),
            sending: tokio::spawn(send(client, Arc::clone(&book))),
            book,
        }
    }

    /// Records confirmed so far.
    pub(crate) fn confirmed(&self) -> usize {
        let book = self.book.lock().unwrap();
        book.owed.values().filter(|owed| owed.confirmed.is_some()).count()
    }

    /// The numbers of the charge records confirmed so far.
    pub(crate) fn confirmed_trades(&self) -> Vec<String> {
        let book = self.book.lock().unwrap();
        let trades = book.owed.values().filter(|owed| owed.kind == Kind::Trade);
        let confirmed = trades.filter(|owed| owed.confirmed.is_some());
        confirmed.map(|owed| owed.number.clone()).collect()
    }

    /// Waits until `more` further records are confirmed: the traffic is in full swing.
    pub(crate) async fn until_confirmed(&self, more: usize) -> anyhow::Result<()> {
        let wanted = self.confirmed() + more;
        until("records are confirmed", LATER, async || {
            self.confirmed() >= wanted
        })
        .await
    }

    /// Waits until everything made up to now is confirmed.
    pub(crate) async fn until_all_confirmed(&self) -> anyhow::Result<()> {
        let now = Instant::now();
        until("every record made so far is confirmed", LATER, async || {
            let book = self.book.lock().unwrap();
            book.owed
                .values()
                .all(|owed| owed.made > now || owed.confirmed.is_some())
        })
        .await
    }

    /// The longest that a record made since `since` waited for its confirmation.
    pub(crate) fn slowest_since(&self, since: Instant) -> Option<Duration> {
        let book = self.book.lock().unwrap();
        let since = book.owed.values().filter(|owed| owed.made >= since);
        since.filter_map(|owed| owed.confirmed).max()
    }

    /// Makes nothing new from now on but the last records; what is unconfirmed is still sent again.
    pub(crate) fn end(&self) {
        let mut book = self.book.lock().unwrap();
        if book.course == Course::Runs {
            book.course = Course::Ends;
        }
    }

    /// Makes nothing new, sends again what is unconfirmed until all is confirmed, and tells what was made.
    pub(crate) async fn finish(self) -> anyhow::Result<Made> {
        self.end();
        let ended = async || self.book.lock().unwrap().course == Course::Ended;
        until("the last records are sent", LATER, ended).await?;
        self.until_all_confirmed().await?;
        let book = self.book.lock().unwrap();
        let of = |kind: Kind| book.owed.iter().filter(move |(_, owed)| owed.kind == kind);
        let mut trades: Vec<_> = of(Kind::Trade)
            .map(|((pile, _), owed)| (message::uuid(*pile), owed.number.clone()))
            .collect();
        trades.sort_unstable();
        Ok(Made {
            trades,
            boot_failed: of(Kind::BootFailed).count() as u64,
            answers: of(Kind::Component).count() as u64,
            cycles: of(Kind::Component).map(|(_, owed)| owed.cycles).sum(),
            run_data: book.run_data,
            piles: book.reqids.len() as u64,
        })
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        self.listening.abort();
        self.sending.abort();
    }
}

/// Hears confirmations, on whichever connection there is.
async fn listen(mut events: EventLoop, client: AsyncClient, book: Arc<Mutex<Book>>) {
    loop {
        match events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(_))) => {
                // Its own queue may be full, and this loop is what empties it.
                let client = client.clone();
                tokio::spawn(
                    async move { client.subscribe("/xjdy/ops/v1/TCU/+/cmd", QoS::AtLeastOnce).await },
                );
            }
            Ok(Event::Incoming(Packet::Publish(publish))) => {
                book.lock().unwrap().confirm(&publish.topic, &publish.payload);
            }
            Ok(_) => {}
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn send(client: AsyncClient, book: Arc<Mutex<Book>>) {
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for round in 0.. {
        tick.tick().await;
        let course = book.lock().unwrap().course;
        match course {
            Course::Runs => {
                for n in round * BURST..(round + 1) * BURST {
                    let message = book.lock().unwrap().next(n);
                    publish(&client, message).await;
                }
            }
            Course::Ends => {
                // Their confirmations say that everything before them has arrived, at whichever worker.
                for pile in 0..WORKERS {
                    let last = book.lock().unwrap().record(pile, Kind::Trade);
                    publish(&client, last).await;
                }
                book.lock().unwrap().course = Course::Ended;
            }
            Course::Ended => {}
        }
        let due = book.lock().unwrap().due();
        for message in due {
            publish(&client, message).await;
        }
    }
}

/// Waits while the broker is away, as piles do.
async fn publish(client: &AsyncClient, (topic, payload): (String, Vec<u8>)) {
    let _ = client.publish(topic, QoS::AtLeastOnce, false, payload).await;
}

impl Book {
    /// The message with this number: topic and payload.
    fn next(&mut self, n: u64) -> (String, Vec<u8>) {
        let pile = n % PILES;
        // Shifted by a pile every round, so that every pile makes records.
        if let Some(kind) = Kind::ALL.get(((n + n / RECORD_EVERY) % RECORD_EVERY) as usize) {
            return self.record(pile, *kind);
        }
        self.run_data += 1;
        let reqid = self.reqid(pile);
        (message::msg(&message::uuid(pile)), message::run_data(reqid))
    }

    fn reqid(&mut self, pile: u64) -> u32 {
        let reqid = self.reqids.entry(pile).or_default();
        *reqid += 1;
        *reqid
    }

    fn record(&mut self, pile: u64, kind: Kind) -> (String, Vec<u8>) {
        let reqid = self.reqid(pile);
        let now = Instant::now();
        let owed = Owed {
            kind,
            number: format!("{:024}{reqid:08}", pile + 1),
            at: self.began + i64::from(reqid) * 1000,
            cycles: if kind == Kind::Component {
                u64::from(reqid % 7 + 1)
            } else {
                0
            },
            sent: now,
            confirmed: None,
            made: now,
        };
        let payload = owed.payload(reqid);
        self.owed.insert((pile, reqid), owed);
        (message::msg(&message::uuid(pile)), payload)
    }

    /// What has waited for its confirmation too long.
    fn due(&mut self) -> Vec<(String, Vec<u8>)> {
        let now = Instant::now();
        let unconfirmed = self.owed.iter_mut().filter(|(_, owed)| owed.confirmed.is_none());
        let due = unconfirmed.filter(|(_, owed)| now - owed.sent >= RESEND);
        due.map(|((pile, reqid), owed)| {
            owed.sent = now;
            (message::msg(&message::uuid(*pile)), owed.payload(*reqid))
        })
        .collect()
    }

    fn confirm(&mut self, topic: &str, payload: &[u8]) {
        let said: Value = serde_json::from_slice(payload).unwrap();
        let uuid = protocol::Uuid::parse(topic.split('/').nth(5).unwrap()).unwrap();
        let reqid = said["reqid"].as_u64().unwrap() as u32;
        let Some(owed) = self.owed.get_mut(&(uuid.counter(), reqid)) else {
            return;
        };
        let right = said["命令"] == owed.kind.confirmation()
            && said["结果"] == "成功"
            && (owed.kind == Kind::Component || said["交易流水号"] == owed.number.as_str());
        if right {
            owed.confirmed.get_or_insert_with(|| owed.made.elapsed());
        }
    }
}

impl Owed {
    /// As it is sent: a component answer always the same, the others with the clock of the sending.
    fn payload(&self, reqid: u32) -> Vec<u8> {
        match self.kind {
            Kind::Trade => {
                let vin: &[u8] = if reqid.is_multiple_of(3) { b"\xb3\xb5\xff" } else { b"LGXC16DF4A0000001" };
                message::trade_record(reqid, &self.number, vin, "30.25")
            }
            Kind::BootFailed => message::boot_failed(reqid, &self.number, self.at),
            Kind::Component => json!({
                "命令": "关键器件动作应答", "reqid": reqid, "系统时间": message::time(self.at),
                "关键器件名称": [{"数据分区": "1枪数据", "器件类型": "交流接触器", "正常次数": self.cycles, "异常次数": 0}],
            })
            .to_string()
            .into_bytes(),
        }
    }
}
