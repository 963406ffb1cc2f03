//! OTA campaigns with a safety rail: `model` decides, without I/O. `docs/OTA.md` tells the whole.

pub mod model;
