//! Sheets as changes: what its rows say, and what is wrong with them, by row and column.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    error::ApiError,
    fields::SheetColumn,
    language::{Language, Text},
    upload::{Sheet, SheetCell},
};

/// How many faults are told; all are counted.
const MOST_FAULTS: usize = 500;
/// Of the rows without faults, so many are shown.
const MOST_SOUND_ROWS: usize = 100;
/// Of a cell, so many characters are shown.
const MOST_SHOWN: usize = 200;

/// What all imports understand.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ImportOptions {
    /// true: 只检查, 不写入 Only check, change nothing
    #[param(default = false)]
    pub(crate) dry_run: Option<bool>,
}

/// What became of an import, or would.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Report {
    /// 是否只检查 Whether it was only checked
    pub(crate) dry_run: bool,
    /// 是否已写入; 有任何错误时全部不写入 Whether it was written: all of it, or with any fault nothing
    pub(crate) is_done: bool,
    /// 行数, 不含标题 Rows without the titles
    pub(crate) rows: u64,
    /// 新增 Added
    pub(crate) added: u64,
    /// 修改 Changed
    pub(crate) updated: u64,
    /// 错误总数 How many faults there are
    pub(crate) fault_count: u64,
    /// 错误, 最多500条 The faults, at most 500
    pub(crate) faults: Vec<Fault>,
    /// 表格内容: 列出的错误所在的行及前100行; 已写入时为空 What was read: the rows of these faults and the first 100;
    /// empty once it is written
    pub(crate) preview: Preview,
}

/// Some of a sheet, as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SheetPreview)]
pub(crate) struct Preview {
    /// 列标题, 与错误中的相同 Titles of the columns, as the faults name them
    pub(crate) titles: Vec<String>,
    /// 行, 按行号 The rows, by number
    pub(crate) rows: Vec<PreviewRow>,
}

/// A row of a sheet, as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SheetPreviewRow)]
pub(crate) struct PreviewRow {
    /// 行号, 标题为1 Row; the titles are 1
    pub(crate) row: u64,
    /// 各列的内容, 末尾的空列不列出, 每格最多200字 What stands in each column, without what is empty at the end; 200
    /// characters of each at most
    pub(crate) cells: Vec<String>,
}

/// What is wrong with a cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Fault {
    /// 行号, 标题为1 Row; the titles are 1
    pub(crate) row: u64,
    /// 列标题, 空=整行 Title of the column; empty = the whole row
    pub(crate) column: String,
    /// 错误 What is wrong
    pub(crate) message: String,
}

/// A row that could be read.
#[derive(Debug, Clone)]
pub(crate) struct Row<F> {
    /// Its number.
    pub(crate) line: u64,
    /// What it says.
    pub(crate) fields: F,
}

/// Collects the faults of one import.
pub(crate) struct Faults<F: 'static> {
    columns: &'static [SheetColumn<F>],
    language: Language,
    list: Vec<Fault>,
    count: u64,
    preview: Preview,
}

impl<F: Default> Faults<F> {
    /// None yet.
    pub(crate) fn new(columns: &'static [SheetColumn<F>], language: Language) -> Self {
        Self {
            columns,
            language,
            list: Vec::new(),
            count: 0,
            preview: Preview::default(),
        }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// One more, in a field as it is named on the wire (or in a column as it is titled).
    pub(crate) fn add(&mut self, row: u64, field: &str, rule: Text) {
        self.count += 1;
        if self.list.len() >= MOST_FAULTS {
            return;
        }
        let column = self.columns.iter().find(|column| column.name == field);
        self.list.push(Fault {
            row,
            column: self.title(column, field),
            message: rule.into(self.language).into_owned(),
        });
    }

    /// A column as the reader calls it; one that nobody knows as it is called.
    fn title(&self, column: Option<&SheetColumn<F>>, unknown: &str) -> String {
        let title = column.map(|column| column.title.clone().into(self.language));
        title.map_or_else(|| unknown.to_owned(), |title| title.into_owned())
    }

    /// What a rule refuses is a fault of the row; anything else ends the import.
    ///
    /// # Errors
    /// What is no fault of the row.
    pub(crate) fn take<T>(&mut self, row: u64, result: Result<T, ApiError>) -> Result<Option<T>, ApiError> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(ApiError::Invalid { field, rule }) => {
                self.add(row, &field, rule);
                Ok(None)
            }
            Err(ApiError::Conflict(rule)) => {
                self.add(row, "", rule);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// What the rows say. Columns that only exports have (`ignored`) are passed over, unknown ones are faults.
    pub(crate) fn read(&mut self, sheet: Sheet, ignored: impl Fn(&str) -> bool) -> Vec<Row<F>> {
        let mut columns: Vec<Option<&SheetColumn<F>>> = Vec::new();
        for title in &sheet.titles {
            let column = self.columns.iter().find(|column| is_titled(column, title));
            let twice =
                |column: &SheetColumn<F>| columns.iter().flatten().any(|other| other.name == column.name);
            if column.is_some_and(twice) {
                self.add(1, title, Text::new("列重复", "is there twice"));
            } else if column.is_none() && !title.is_empty() && !ignored(title) {
                self.add(1, title, Text::new("未知列", "unknown column"));
            }
            columns.push(column);
        }
        let titles = columns.iter().zip(&sheet.titles);
        self.preview = Preview {
            titles: titles.map(|(column, title)| self.title(*column, title)).collect(),
            rows: sheet.rows.iter().map(shown).collect(),
        };
        let mut rows = Vec::with_capacity(sheet.rows.len());
        for (line, cells) in sheet.rows {
            let mut fields = F::default();
            for (column, cell) in columns.iter().zip(cells) {
                let Some(column) = column else { continue };
                let read = match cell {
                    Ok(text) if text.is_empty() => continue,
                    Ok(text) => (column.set)(&mut fields, &text),
                    Err(wrong) => Err(wrong),
                };
                if let Err(rule) = read {
                    self.add(line, column.name, rule);
                }
            }
            rows.push(Row { line, fields });
        }
        rows
    }

    /// The report of these rows, with what would be done.
    pub(crate) fn report(mut self, dry_run: bool, rows: usize, added: usize, updated: usize) -> Report {
        if dry_run || self.count > 0 {
            let faulty: HashSet<u64> = self.list.iter().map(|fault| fault.row).collect();
            let mut sound = 0;
            self.preview.rows.retain(|row| {
                sound += usize::from(!faulty.contains(&row.row));
                sound <= MOST_SOUND_ROWS || faulty.contains(&row.row)
            });
        } else {
            self.preview = Preview::default();
        }
        Report {
            dry_run,
            is_done: false,
            rows: rows as u64,
            added: added as u64,
            updated: updated as u64,
            fault_count: self.count,
            faults: self.list,
            preview: self.preview,
        }
    }
}

fn shown((row, cells): &(u64, Vec<SheetCell>)) -> PreviewRow {
    let text = |cell: &SheetCell| match cell {
        Ok(text) => text.chars().take(MOST_SHOWN).collect(),
        Err(_) => String::new(),
    };
    PreviewRow {
        row: *row,
        cells: cells.iter().map(text).collect(),
    }
}

fn is_titled<F>(column: &SheetColumn<F>, title: &str) -> bool {
    let names = [column.name, &column.title.zh, &column.title.en];
    names.iter().any(|name| name.eq_ignore_ascii_case(title))
}
