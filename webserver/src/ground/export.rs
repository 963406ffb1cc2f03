//! Lists as files, row by row: memory does not grow with the list.

use std::{collections::VecDeque, fs::File, io};

use axum::{
    body::{Body, Bytes},
    http::{
        HeaderMap, HeaderValue,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    response::{IntoResponse as _, Response},
};
use clickhouse::query::{Query, RowCursor};
use futures_util::stream;
use rust_xlsxwriter::{Format as CellFormat, Workbook, XlsxError};
use tokio::sync::mpsc;
use tokio_util::io::ReaderStream;

use super::{
    Ground,
    error::ApiError,
    language::{Language, Text},
    list::Listed,
    paging::Format,
    time,
};

/// Rows that are read at once, and on the way to the thread that writes a workbook.
const ROWS_AHEAD: usize = 1024;
/// A piece of a CSV file, bytes.
const PIECE: usize = 64 * 1024;
/// What a sheet can hold, without its first row.
const MOST_SHEET_ROWS: u32 = 1_048_575;
/// The most UTF-16 units that a cell of a sheet holds.
const MOST_CELL: usize = 32_767;
/// What stands at the end of a text that is longer.
const CUT: &str = "…（内容过长，全文请导出 CSV; cut, export CSV for all of it）";

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    /// A text, or an id: ids are longer than the 15 digits that Excel shows of a number.
    Text(String),
    /// A number to calculate with.
    Number(f64),
    /// Unix ms, shown in China's time; 0 is empty.
    Time(i64),
}

impl Cell {
    /// A text that a row keeps.
    pub(crate) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// A column of an exported list.
#[derive(Debug)]
pub(crate) struct Column<T: ?Sized> {
    /// What stands above it.
    pub(crate) title: Text,
    /// What stands in it.
    pub(crate) cell: fn(&T) -> Cell,
}

/// A column.
pub(crate) const fn column<T: ?Sized>(zh: &'static str, en: &'static str, cell: fn(&T) -> Cell) -> Column<T> {
    Column {
        title: Text::new(zh, en),
        cell,
    }
}

fn titles<T: Listed>(language: Language) -> Vec<String> {
    let titles = T::COLUMNS.iter().map(|column| column.title.clone());
    titles.map(|title| title.into(language).into_owned()).collect()
}

/// The file.
///
/// # Errors
/// 503 without ClickHouse, 500 when a workbook cannot be written. A fault in the middle of a CSV breaks the
/// connection, so that half a file is not taken for a whole one.
pub(crate) async fn answer<T: Listed>(
    ground: &Ground,
    query: Query,
    hide: fn(&mut T),
    format: Format,
    language: Language,
) -> Result<Response, ApiError> {
    let failed = |source| store::StoreError::Query {
        what: T::WHAT,
        source,
    };
    let mut rows = Rows {
        ground: ground.clone(),
        cursor: query.fetch::<T>().map_err(failed)?,
        hide,
        ready: VecDeque::new(),
    };
    // The first rows tell whether the query works at all, while that can still be answered.
    rows.read().await?;
    let titles = titles::<T>(language);
    let (body, media, ending) = match format {
        Format::Csv => (csv(titles, rows)?, "text/csv; charset=utf-8", "csv"),
        Format::Xlsx => (
            workbook(titles, rows).await?,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "xlsx",
        ),
    };
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    let name = format!("attachment; filename=\"{}.{ending}\"", T::WHAT);
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    Ok((headers, body).into_response())
}

/// The rows as they are to be shown, a few ahead.
struct Rows<T> {
    ground: Ground,
    cursor: RowCursor<T>,
    hide: fn(&mut T),
    ready: VecDeque<T>,
}

impl<T: Listed> Rows<T> {
    async fn next(&mut self) -> Result<Option<T>, ApiError> {
        if self.ready.is_empty() {
            self.read().await?;
        }
        Ok(self.ready.pop_front())
    }

    async fn read(&mut self) -> Result<(), ApiError> {
        let mut some = Vec::with_capacity(ROWS_AHEAD);
        while some.len() < ROWS_AHEAD {
            let row = self.cursor.next().await;
            match row.map_err(|source| store::StoreError::Query {
                what: T::WHAT,
                source,
            })? {
                Some(row) => some.push(row),
                None => break,
            }
        }
        self.ground.place(&mut some, T::pile).await?;
        some.iter_mut().for_each(self.hide);
        self.ready = some.into();
        Ok(())
    }
}

fn csv<T: Listed>(titles: Vec<String>, rows: Rows<T>) -> Result<Body, ApiError> {
    // With the mark, Excel reads UTF-8.
    let mut piece = "\u{feff}".as_bytes().to_vec();
    line(&mut piece, titles.iter().map(|title| safe(title))).map_err(|_| ApiError::Internal)?;
    Ok(Body::from_stream(stream::try_unfold(
        (rows, piece),
        |(mut rows, mut piece)| async move {
            while piece.len() < PIECE {
                let Some(row) = rows.next().await.map_err(io::Error::other)? else {
                    break;
                };
                let cells = T::COLUMNS.iter().map(|column| text((column.cell)(&row)));
                line(&mut piece, cells)?;
            }
            io::Result::Ok((!piece.is_empty()).then(|| (Bytes::from(piece), (rows, Vec::new()))))
        },
    )))
}

fn line(out: &mut Vec<u8>, cells: impl Iterator<Item = String>) -> io::Result<()> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(out);
    writer.write_record(cells)?;
    writer.flush()
}

fn text(cell: Cell) -> String {
    match cell {
        Cell::Text(text) => safe(&text),
        Cell::Number(number) => number.to_string(),
        Cell::Time(at) => time::show(at),
    }
}

/// A spreadsheet takes a text that begins like this for a formula, and runs it.
fn safe(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// What a cell of a sheet can hold of a text.
fn fitting(text: String) -> String {
    let units = |text: &str| text.encode_utf16().count();
    // So many bytes are no more of them.
    if text.len() <= MOST_CELL || units(&text) <= MOST_CELL {
        return text;
    }
    let mut left = MOST_CELL - units(CUT);
    let kept = text.chars().take_while(|letter| {
        let fits = letter.len_utf16() <= left;
        left = left.saturating_sub(letter.len_utf16());
        fits
    });
    kept.chain(CUT.chars()).collect()
}

/// Written to a temporary file by a thread of its own, then sent from there.
async fn workbook<T: Listed>(titles: Vec<String>, mut rows: Rows<T>) -> Result<Body, ApiError> {
    let (sender, mut receiver) = mpsc::channel::<T>(ROWS_AHEAD);
    let writing = tokio::task::spawn_blocking(move || write(&titles, || receiver.blocking_recv()));
    let mut failure = None;
    loop {
        match rows.next().await {
            Ok(Some(row)) => {
                if sender.send(row).await.is_err() {
                    break;
                }
            }
            Ok(None) => break,
            Err(error) => {
                failure = Some(error);
                break;
            }
        }
    }
    drop(sender);
    let written = writing.await;
    if let Some(failure) = failure {
        return Err(failure);
    }
    match written {
        Ok(Ok(file)) => Ok(Body::from_stream(ReaderStream::new(tokio::fs::File::from_std(
            file,
        )))),
        Ok(Err(XlsxError::RowColumnLimitError)) => Err(ApiError::invalid(
            "export",
            "超过工作表的最大行数，请缩小范围或导出 CSV",
            "more rows than a sheet holds; narrow the filter or export CSV",
        )),
        Ok(Err(error)) => {
            tracing::error!(%error, "a workbook could not be written");
            Err(ApiError::Internal)
        }
        Err(error) => {
            tracing::error!(%error, "writing a workbook panicked");
            Err(ApiError::Internal)
        }
    }
}

fn write<T: Listed>(titles: &[String], mut next: impl FnMut() -> Option<T>) -> Result<File, XlsxError> {
    let mut workbook = Workbook::new();
    let bold = CellFormat::new().set_bold();
    let moment = CellFormat::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    for (column, title) in (0..).zip(titles) {
        sheet.write_with_format(0, column, title, &bold)?;
    }
    let mut line = 0;
    while let Some(row) = next() {
        line += 1;
        if line > MOST_SHEET_ROWS {
            return Err(XlsxError::RowColumnLimitError);
        }
        for (column, cell) in (0..).zip(T::COLUMNS.iter().map(|column| (column.cell)(&row))) {
            match cell {
                Cell::Text(text) => sheet.write_string(line, column, fitting(text))?,
                Cell::Number(number) => sheet.write_number(line, column, number)?,
                Cell::Time(0) => continue,
                Cell::Time(at) => {
                    sheet.write_number_with_format(line, column, time::sheet_serial(at), &moment)?
                }
            };
        }
    }
    let mut file = tempfile::tempfile()?;
    workbook.save_to_writer(&mut file)?;
    io::Seek::rewind(&mut file)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_does_not_become_a_formula() {
        for text in ["=1+1", "+1", "-1", "@a", "\t=1"] {
            assert!(safe(text).starts_with('\''), "{text}");
        }
        assert_eq!(safe("DC-120"), "DC-120");
    }

    #[test]
    fn a_cell_takes_what_it_can_hold() {
        let full = "长".repeat(MOST_CELL);
        assert_eq!(fitting(full.clone()), full);
        for (more, least) in [("长", MOST_CELL), (&*"🙂".repeat(MOST_CELL), MOST_CELL - 1)] {
            let cut = fitting(format!("{more}{full}"));
            let units = cut.encode_utf16().count();
            assert!((least..=MOST_CELL).contains(&units), "{units}");
            assert!(cut.starts_with(&more[..4.min(more.len())]) && cut.ends_with(CUT));
        }
    }

    #[test]
    fn lines_are_quoted_where_they_must_be() {
        let mut out = Vec::new();
        line(&mut out, ["a,b", "c\"d", "站\n一"].map(String::from).into_iter()).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "\"a,b\",\"c\"\"d\",\"站\n一\"\r\n"
        );
    }
}
