//! One file per table: its row type, and the queries that services run on it.
//!
//! A new table needs its file, one line in `tables!` below, and its DDL step in `sql/`.

use crate::rowbinary::{Column, Record};

/// Declares [`Table`] from one line per table. The ids are written in the write-ahead log: never reuse one.
/// From 41 on a table has the number of the step in `sql/` that makes it.
macro_rules! tables {
    ($( $id:literal $variant:ident $name:literal $row:ty ),+ $(,)?) => {
        /// The tables that rows are streamed into.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Table { $(
            #[doc = concat!("`", $name, "`")]
            $variant = $id,
        )+ }

        impl Table {
            /// Every table, in the order of ids.
            pub const ALL: &'static [Table] = &[$(Table::$variant),+];

            /// The table of an id read from a log; none if a newer program wrote it.
            pub const fn from_id(id: u8) -> Option<Self> {
                match id { $($id => Some(Self::$variant),)+ _ => None }
            }

            /// The name in the database.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The columns that its row type writes, in the order of encoding.
            pub const fn columns(self) -> &'static [Column] {
                match self { $(Self::$variant => <$row as Record>::COLUMNS),+ }
            }
        }
    };
}

pub mod asset;
pub mod boot_failed_record;
pub mod broker_account;
pub mod clock_survey;
pub mod command_batch;
pub mod command_batch_pile;
pub mod command_record;
pub mod command_step;
pub mod device_model;
pub mod firmware_chunk;
pub mod firmware_package;
pub mod key_component_action_count;
mod known;
pub mod log_content;
pub mod log_file;
pub mod login_record;
pub mod malformed_message;
pub mod open_access_daily;
pub mod operation_record;
pub mod organization;
pub mod organization_station;
pub mod organization_user;
pub mod ota_campaign;
pub mod ota_campaign_event;
pub mod ota_campaign_figure;
pub mod ota_campaign_pile;
pub mod parameter_template;
pub mod pile_parameter;
pub mod quarantine;
pub mod registration;
pub mod registration_allow_list;
pub mod role;
pub mod run_data;
pub mod schedule;
pub mod schedule_run;
pub mod sim_survey;
pub mod station;
pub mod trade_record;
pub mod traffic_daily;
pub mod unknown_message;
pub mod user;
pub mod uuid_ledger;
pub mod version_survey;
pub mod warn_definition;
pub mod warn_record;

tables! {
    1 Asset "asset" asset::Asset<'_>,
    2 RunData "run_data" run_data::RunData<'_>,
    3 TradeRecord "trade_record" trade_record::TradeRecord<'_>,
    4 BootFailedRecord "boot_failed_record" boot_failed_record::BootFailedRecord<'_>,
    5 KeyComponentActionCount "key_component_action_count" key_component_action_count::KeyComponentActionCount<'_>,
    6 LoginRecord "login_record" login_record::LoginRecord<'_>,
    7 WarnRecord "warn_record" warn_record::WarnRecord<'_>,
    8 CommandRecord "command_record" command_record::CommandRecord<'_>,
    9 UnknownMessage "unknown_message" unknown_message::UnknownMessage<'_>,
    10 MalformedMessage "malformed_message" malformed_message::MalformedMessage<'_>,
    11 Quarantine "quarantine" quarantine::Quarantine<'_>,
    12 TrafficDaily "traffic_daily" traffic_daily::TrafficDaily<'_>,
    13 Registration "registration" registration::Registration<'_>,
    14 UuidLedger "uuid_ledger" uuid_ledger::UuidLedger<'_>,
    15 RegistrationAllowList "registration_allow_list" registration_allow_list::RegistrationAllowList<'_>,
    16 BrokerAccount "broker_account" broker_account::BrokerAccount<'_>,
    17 OpenAccessDaily "open_access_daily" open_access_daily::OpenAccessDaily<'_>,
    18 OperationRecord "operation_record" operation_record::OperationRecord<'_>,
    19 DeviceModel "device_model" device_model::DeviceModel,
    20 Station "station" station::Station,
    21 Organization "organization" organization::Organization,
    22 OrganizationUser "organization_user" organization_user::OrganizationUser,
    23 OrganizationStation "organization_station" organization_station::OrganizationStation,
    24 User "user" user::User,
    25 Role "role" role::Role,
    42 CommandStep "command_step" command_step::CommandStep<'_>,
    45 CommandBatch "command_batch" command_batch::CommandBatch,
    46 CommandBatchPile "command_batch_pile" command_batch_pile::CommandBatchPile,
    47 LogFile "log_file" log_file::LogFile,
    48 LogContent "log_content" log_content::LogContent<'_>,
    49 FirmwarePackage "firmware_package" firmware_package::FirmwarePackage,
    50 FirmwareChunk "firmware_chunk" firmware_chunk::FirmwareChunk<'_>,
    51 OtaCampaign "ota_campaign" ota_campaign::OtaCampaign,
    52 OtaCampaignPile "ota_campaign_pile" ota_campaign_pile::OtaCampaignPile,
    53 OtaCampaignEvent "ota_campaign_event" ota_campaign_event::OtaCampaignEvent,
    54 OtaCampaignFigure "ota_campaign_figure" ota_campaign_figure::OtaCampaignFigure,
    56 PileParameter "pile_parameter" pile_parameter::PileParameter,
    57 SimSurvey "sim_survey" sim_survey::SimSurvey,
    58 VersionSurvey "version_survey" version_survey::VersionSurvey,
    59 ClockSurvey "clock_survey" clock_survey::ClockSurvey,
    60 ParameterTemplate "parameter_template" parameter_template::ParameterTemplate,
    61 Schedule "schedule" schedule::Schedule,
    62 ScheduleRun "schedule_run" schedule_run::ScheduleRun,
}

impl Table {
    /// The number that stands for the table in logs.
    pub const fn id(self) -> u8 {
        self as u8
    }

    /// Its place in [`Table::ALL`], for arrays with one entry per table.
    pub const fn place(self) -> usize {
        PLACES[self.id() as usize] as usize
    }

    /// `INSERT INTO t (columns) FORMAT RowBinary`.
    pub fn insert_sql(self) -> String {
        let columns: Vec<_> = self.columns().iter().map(|column| column.name).collect();
        format!(
            "INSERT INTO {} ({}) FORMAT RowBinary",
            self.name(),
            columns.join(", ")
        )
    }
}

/// The place in [`Table::ALL`] of every id.
const PLACES: [u8; 256] = {
    let mut places = [0; 256];
    let mut place = 0;
    while place < Table::ALL.len() {
        places[Table::ALL[place].id() as usize] = place as u8;
        place += 1;
    }
    places
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_and_lead_back_to_their_tables() {
        assert!(Table::ALL.windows(2).all(|pair| pair[0].id() < pair[1].id()));
        for (place, table) in Table::ALL.iter().enumerate() {
            assert_eq!(table.place(), place);
            assert_eq!(Table::from_id(table.id()), Some(*table));
        }
        assert_eq!(Table::from_id(0), None);
        assert_eq!(Table::from_id(255), None);
    }

    #[test]
    fn an_insert_names_its_columns() {
        assert_eq!(
            Table::TrafficDaily.insert_sql(),
            "INSERT INTO traffic_daily (day, device_id, command, direction, messages, bytes) FORMAT RowBinary"
        );
    }
}
