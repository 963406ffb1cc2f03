//! Why the broker did not do as it was told.

/// Why the broker did not do as it was told.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BrokerError {
    /// No connection, or it broke, or no answer came in time; whether it was done is not known.
    #[error("the broker {0} is away: {1}")]
    Away(String, String),
    /// The broker refuses.
    #[error("the broker refuses {what}: {reason}")]
    Refused {
        /// The command, or the request.
        what: String,
        /// In the broker's words.
        reason: String,
    },
    /// The address of EMQX's management interface is none.
    #[error("broker.emqx_url = `{0}` is no address; write http://host:port")]
    Url(String),
}

impl BrokerError {
    /// Whether it may work when tried again later without any change.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Away(..))
    }
}
