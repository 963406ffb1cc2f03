//! Every Redis key of the platform is built here, so that two services cannot disagree about one.

use protocol::Uuid;

/// Hashes over which the device states are spread: one hash of 200,000 fields would be one long pause
/// when read or resized, and would sit on one node of a cluster.
pub const STATE_BUCKETS: u8 = 64;

/// The keys under one prefix: empty in production, one per test.
#[derive(Debug, Clone, Default)]
pub struct RedisKeys {
    prefix: String,
}

impl RedisKeys {
    /// Keys that begin with `prefix`.
    pub fn new(prefix: impl Into<String>) -> Self {
        Self {
            prefix: prefix.into(),
        }
    }

    /// `uuid`: the counter of the uuid handed out last.
    pub fn uuid(&self) -> String {
        format!("{}uuid", self.prefix)
    }

    /// `lock:registration:{sn}`: who works on this TCU's registration.
    pub fn registration_lock(&self, sn: &str) -> String {
        format!("{}lock:registration:{sn}", self.prefix)
    }

    /// `web:session:{id}`: who has signed in there.
    pub fn session(&self, id: &str) -> String {
        format!("{}web:session:{id}", self.prefix)
    }

    /// `web:secret`: with which the web servers sign; made by the first of them.
    pub fn web_secret(&self) -> String {
        format!("{}web:secret", self.prefix)
    }

    /// `web:directory`: changes with every change of people, roles and organizations.
    pub fn web_directory(&self) -> String {
        format!("{}web:directory", self.prefix)
    }

    /// `web:ids`: the clock and sequence of the last id that a web server gave.
    pub fn web_ids(&self) -> String {
        format!("{}web:ids", self.prefix)
    }

    /// `{web:lock}:{what}`: who changes it right now. The braces keep all of them on one node of a cluster,
    /// because several are taken at once.
    pub fn web_lock(&self, what: &str) -> String {
        format!("{}{{web:lock}}:{what}", self.prefix)
    }

    /// `{web:lock}:asset:{device_id}`: who changes this asset right now, the web servers and register alike.
    pub fn asset_lock(&self, device_id: u64) -> String {
        self.web_lock(&format!("asset:{device_id}"))
    }

    /// `{web:lock}:asset.name:{uuid}`: who gives this uuid to an asset, or takes it away.
    pub fn asset_name_lock(&self, uuid: &str) -> String {
        self.web_lock(&format!("asset.name:{uuid}"))
    }

    /// `web:answer:{hash}`: what was answered to an Idempotency-Key.
    pub fn web_answer(&self, hash: &str) -> String {
        format!("{}web:answer:{hash}", self.prefix)
    }

    /// `web:login:{kind}:{who}`: how often signing in failed, for an account or an address.
    pub fn web_login(&self, kind: &str, who: &str) -> String {
        format!("{}web:login:{kind}:{who}", self.prefix)
    }

    /// `web:import:{id}`: how far an import is.
    pub fn web_import(&self, id: &str) -> String {
        format!("{}web:import:{id}", self.prefix)
    }

    /// `service:status`: a hash of service and instance → [`crate::ServiceStatus`] as JSON.
    pub fn service_status(&self) -> String {
        format!("{}service:status", self.prefix)
    }

    /// `connector:leader`: which connector works.
    pub fn connector_leader(&self) -> String {
        format!("{}connector:leader", self.prefix)
    }

    /// `connector:wake`: the channel on which the web server says for which room it has written rows
    /// (`batch`, `log`, `ota`, `schedule`).
    pub fn connector_wake(&self) -> String {
        format!("{}connector:wake", self.prefix)
    }

    /// `tcu:command:{device_id}:{created}:{reqid}`: the password in a command that has not ended; goes with its
    /// deadline.
    pub fn command_password(&self, device_id: u64, created: i64, reqid: u32) -> String {
        format!("{}tcu:command:{device_id}:{created}:{reqid}", self.prefix)
    }

    /// `ftp:grant:{user}`: what one account of the embedded FTP server may do, as JSON; goes by itself.
    pub fn ftp_grant(&self, user: &str) -> String {
        format!("{}ftp:grant:{user}", self.prefix)
    }

    /// `ftp:path:{path}`: the account that was granted this path last.
    pub fn ftp_path(&self, path: &str) -> String {
        format!("{}ftp:path:{path}", self.prefix)
    }

    /// `ftp:secret`: of which the accounts' passwords are made; made by the first connector.
    pub fn ftp_secret(&self) -> String {
        format!("{}ftp:secret", self.prefix)
    }

    /// `tcu:state:{00..63}`: a hash of uuid → [`crate::DeviceState`] as JSON.
    pub fn state_bucket(&self, bucket: u8) -> String {
        format!("{}tcu:state:{bucket:02}", self.prefix)
    }

    /// The bucket in which a pile's state lies.
    pub fn bucket_of(uuid: Uuid) -> u8 {
        (uuid.counter() % u64::from(STATE_BUCKETS)) as u8
    }

    /// The hash in which a pile's state lies; the field is its uuid.
    pub fn state_of(&self, uuid: Uuid) -> String {
        self.state_bucket(Self::bucket_of(uuid))
    }

    /// Every hash of states, for reading them all.
    pub fn state_buckets(&self) -> impl Iterator<Item = String> + '_ {
        (0..STATE_BUCKETS).map(|bucket| self.state_bucket(bucket))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pile_lies_in_the_bucket_of_its_counter() {
        let keys = RedisKeys::default();
        let uuid = Uuid::parse("AAAAAMWY").unwrap();
        assert_eq!(uuid.counter(), 8708);
        assert_eq!(keys.state_of(uuid), "tcu:state:04");
        assert_eq!(RedisKeys::new("t1:").state_bucket(63), "t1:tcu:state:63");
        assert_eq!(keys.state_buckets().count(), 64);
    }
}
