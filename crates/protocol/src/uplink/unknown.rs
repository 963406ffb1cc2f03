//! A 命令 that this platform does not know: counted and kept, never dropped.

use super::message::message;

message! {
    /// A message with another 命令; its text is the frame's.
    Unknown {}
}
