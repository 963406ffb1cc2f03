//! What can go wrong with the database, and what helps against it.

use clickhouse::error::Error as DriverError;

/// What helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Waiting: the database is away, busy, full or read-only.
    Temporary,
    /// Nothing: the same rows will be refused again. Split the batch until the bad row is found.
    Contents,
    /// A person: table or user missing, rights, a program and a schema that do not fit. Retrying works
    /// once that is put right.
    Operator,
}

/// Every failure of this crate.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Rows could not be inserted.
    #[error("cannot insert into {table}")]
    Insert {
        /// The table.
        table: &'static str,
        /// The driver's or the server's reason.
        #[source]
        source: DriverError,
    },
    /// A query failed.
    #[error("cannot read {what}")]
    Query {
        /// What was asked for.
        what: &'static str,
        /// The driver's or the server's reason.
        #[source]
        source: DriverError,
    },
    /// A query did not get its turn in time: [`crate::Clickhouse::at_most`].
    #[error("too many queries wait, so {what} was not read")]
    Busy {
        /// What was asked for.
        what: &'static str,
    },
    /// The schema could not be brought up to date.
    #[error("schema step {step} failed")]
    Schema {
        /// File name of the step, or what was done instead of one.
        step: String,
        /// The driver's or the server's reason.
        #[source]
        source: DriverError,
    },
    /// A TTL was configured for a table that has none.
    #[error("no TTL can be set on {0:?}; tables with one: {tables}", tables = crate::schema::TTL_TABLES.join(", "))]
    NoTtlTable(String),
}

impl StoreError {
    /// What helps.
    pub fn failure(&self) -> Failure {
        match self {
            Self::Insert { source, .. } | Self::Query { source, .. } | Self::Schema { source, .. } => {
                classify(source)
            }
            Self::Busy { .. } => Failure::Temporary,
            Self::NoTtlTable(_) => Failure::Operator,
        }
    }

    /// Whether the same call may succeed later without its data being changed.
    pub fn is_retryable(&self) -> bool {
        self.failure() != Failure::Contents
    }

    /// Whether the rows themselves are at fault.
    pub fn is_refused_for_contents(&self) -> bool {
        self.failure() == Failure::Contents
    }

    /// Whether retrying is in vain until a person has done something.
    pub fn needs_operator(&self) -> bool {
        self.failure() == Failure::Operator
    }
}

/// A code that is in neither list counts as temporary: rows are never given up for an error nobody knows.
fn classify(error: &DriverError) -> Failure {
    let DriverError::BadResponse(text) = error else {
        return match error {
            DriverError::Network(_) | DriverError::TimedOut => Failure::Temporary,
            DriverError::Decompression(_) | DriverError::Compression(_) => Failure::Temporary,
            _ => Failure::Operator,
        };
    };
    match exception_code(text) {
        // One code for two causes: too many parts (wait) and too many partitions in one block (contents).
        Some(252) if text.contains("partitions") => Failure::Contents,
        Some(code) if CONTENTS.contains(&code) => Failure::Contents,
        Some(code) if OPERATOR.contains(&code) => Failure::Operator,
        _ => Failure::Temporary,
    }
}

/// The number in `Code: 60. DB::Exception: …`.
fn exception_code(text: &str) -> Option<u32> {
    let rest = &text[text.find("Code: ")? + "Code: ".len()..];
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..digits].parse().ok()
}

/// Parsing, types, constraints, partitions (ClickHouse's `ErrorCodes.cpp`).
const CONTENTS: &[u32] = &[
    6,   // CANNOT_PARSE_TEXT
    25,  // CANNOT_PARSE_ESCAPE_SEQUENCE
    26,  // CANNOT_PARSE_QUOTED_STRING
    27,  // CANNOT_PARSE_INPUT_ASSERTION_FAILED
    32,  // ATTEMPT_TO_READ_AFTER_EOF
    33,  // CANNOT_READ_ALL_DATA
    38,  // CANNOT_PARSE_DATE
    41,  // CANNOT_PARSE_DATETIME
    53,  // TYPE_MISMATCH
    69,  // ARGUMENT_OUT_OF_BOUND
    70,  // CANNOT_CONVERT_TYPE
    72,  // CANNOT_PARSE_NUMBER
    117, // INCORRECT_DATA
    128, // TOO_LARGE_ARRAY_SIZE
    131, // TOO_LARGE_STRING_SIZE
    248, // INVALID_PARTITION_VALUE
    321, // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
    349, // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
    407, // DECIMAL_OVERFLOW
    469, // VIOLATED_CONSTRAINT
    691, // UNKNOWN_ELEMENT_OF_ENUM
];

/// Names, rights, syntax: a schema or an account that does not fit this program.
const OPERATOR: &[u32] = &[
    16,  // NO_SUCH_COLUMN_IN_TABLE
    20,  // NUMBER_OF_COLUMNS_DOESNT_MATCH
    36,  // BAD_ARGUMENTS
    44,  // ILLEGAL_COLUMN
    46,  // UNKNOWN_FUNCTION
    47,  // UNKNOWN_IDENTIFIER
    60,  // UNKNOWN_TABLE
    62,  // SYNTAX_ERROR
    73,  // UNKNOWN_FORMAT
    81,  // UNKNOWN_DATABASE
    115, // UNKNOWN_SETTING
    192, // UNKNOWN_USER
    193, // WRONG_PASSWORD
    194, // REQUIRED_PASSWORD
    497, // ACCESS_DENIED
    516, // AUTHENTICATION_FAILED
];

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(text: &str) -> Failure {
        classify(&DriverError::BadResponse(text.to_owned()))
    }

    #[test]
    fn codes_say_what_helps() {
        assert_eq!(
            failure("Code: 241. DB::Exception: Memory limit exceeded"),
            Failure::Temporary
        );
        assert_eq!(
            failure("Code: 33. DB::Exception: Cannot read all data"),
            Failure::Contents
        );
        assert_eq!(
            failure("Code: 60. DB::Exception: Table sems.x does not exist"),
            Failure::Operator
        );
        assert_eq!(failure("Code: 516"), Failure::Operator);
        assert_eq!(failure("502 Bad Gateway"), Failure::Temporary);
        assert_eq!(classify(&DriverError::TimedOut), Failure::Temporary);
    }

    #[test]
    fn too_many_parts_and_too_many_partitions_share_a_code() {
        assert_eq!(
            failure("Code: 252. DB::Exception: Too many parts (3000)"),
            Failure::Temporary
        );
        assert_eq!(
            failure("Code: 252. DB::Exception: Too many partitions for single INSERT block"),
            Failure::Contents
        );
    }
}
