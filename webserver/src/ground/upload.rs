//! Uploaded sheets: CSV as Excel and others write it, and XLSX. Bounded in bytes, rows and columns, packed and
//! unpacked.

use std::io::{self, Cursor, Read as _};

use axum::{body::Bytes, extract::Request, http::header::CONTENT_TYPE};
use calamine::{DataRef, Reader as _, Xlsx};
use chrono::TimeDelta;
use encoding_rs::{GB18030, UTF_8, UTF_16BE, UTF_16LE};

use super::{error::ApiError, input::read, language::Text};

/// The largest file, bytes.
const FILE_LIMIT: usize = 20 * 1024 * 1024;
/// What a multipart form needs beyond its file, bytes.
const FORM_OVERHEAD: usize = 64 * 1024;
/// The most that a workbook may be unpacked, bytes.
const UNPACKED_LIMIT: u64 = 256 * 1024 * 1024;
/// The most rows of one sheet, without its titles.
const MOST_ROWS: usize = 20_000;
const MOST_COLUMNS: usize = 256;
/// A spreadsheet's number shows no more digits than this.
const EXACT_BELOW: f64 = 1e15;

/// What stands in a cell, trimmed, or why it cannot be used.
pub(crate) type SheetCell = Result<String, Text>;

/// A sheet. Rows without any content are left out.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    /// The first row.
    pub(crate) titles: Vec<String>,
    /// The others, each with its number as a spreadsheet shows it.
    pub(crate) rows: Vec<(u64, Vec<SheetCell>)>,
}

/// The uploaded file: the body itself, or the first file of a form.
///
/// # Errors
/// 400, 413, 415.
pub(crate) async fn file(request: Request) -> Result<Bytes, ApiError> {
    let media = request.headers().get(CONTENT_TYPE);
    let media = media
        .and_then(|media| media.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let essence = media
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let boundary = multer::parse_boundary(&media).ok();
    let is_plain = matches!(
        essence.as_str(),
        "text/csv"
            | "application/octet-stream"
            | "application/vnd.ms-excel"
            | "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    );
    if boundary.is_none() && !is_plain {
        return Err(ApiError::UnsupportedMediaType);
    }
    let body = read(request.into_body(), FILE_LIMIT + FORM_OVERHEAD).await?;
    let file = match boundary {
        None => body,
        Some(boundary) => first_file(body, boundary).await?,
    };
    if file.len() > FILE_LIMIT {
        return Err(ApiError::TooLarge);
    }
    Ok(file)
}

async fn first_file(body: Bytes, boundary: String) -> Result<Bytes, ApiError> {
    let stream = futures_util::stream::iter([Ok::<_, io::Error>(body)]);
    let mut form = multer::Multipart::new(stream, boundary);
    let wrong = |_| malformed("表单不完整", "the form is not whole");
    while let Some(field) = form.next_field().await.map_err(wrong)? {
        if field.file_name().is_some() {
            return field.bytes().await.map_err(wrong);
        }
    }
    Err(malformed("表单中没有文件", "there is no file in the form"))
}

fn malformed(zh: &str, en: &str) -> ApiError {
    ApiError::Malformed(Text::of(
        format!("文件无法读取：{zh}"),
        format!("The file cannot be read: {en}"),
    ))
}

/// Reads a sheet, on a thread of its own.
///
/// # Errors
/// 400, 413.
pub(crate) async fn sheet(file: Bytes) -> Result<Sheet, ApiError> {
    let reading = tokio::task::spawn_blocking(move || {
        if file.starts_with(b"PK") {
            workbook(&file)
        } else {
            csv_file(&file)
        }
    });
    reading.await.unwrap_or_else(|error| {
        tracing::warn!(%error, "reading a sheet panicked");
        Err(malformed("内容已损坏", "it is damaged"))
    })
}

impl Sheet {
    fn push(&mut self, line: u64, mut cells: Vec<SheetCell>) -> Result<(), ApiError> {
        while cells
            .last()
            .is_some_and(|cell| cell.as_ref().is_ok_and(String::is_empty))
        {
            cells.pop();
        }
        if cells.is_empty() {
            return Ok(());
        }
        if cells.len() > MOST_COLUMNS || self.rows.len() >= MOST_ROWS {
            return Err(malformed(
                "超过2万行或256列",
                "more than 20,000 rows or 256 columns",
            ));
        }
        if self.titles.is_empty() {
            self.titles = cells.into_iter().map(Result::unwrap_or_default).collect();
        } else {
            self.rows.push((line, cells));
        }
        Ok(())
    }

    fn complete(self) -> Result<Self, ApiError> {
        if self.titles.is_empty() {
            return Err(malformed("没有内容", "it is empty"));
        }
        Ok(self)
    }
}

fn csv_file(bytes: &[u8]) -> Result<Sheet, ApiError> {
    let text = text(bytes)?;
    let first = text.lines().next().unwrap_or_default();
    let delimiter = [b',', b'\t', b';'].into_iter().max_by_key(|delimiter| {
        (
            first.bytes().filter(|byte| byte == delimiter).count(),
            *delimiter == b',',
        )
    });
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter.unwrap_or(b','))
        .from_reader(text.as_bytes());
    let (mut sheet, mut within) = (Sheet::default(), 0);
    for record in reader.records() {
        let record = record.map_err(|_| malformed("不是有效的 CSV", "it is no valid CSV"))?;
        // A spreadsheet shows a cell of several lines in one row.
        let line = record.position().map_or(0, csv::Position::line) - within;
        within += record
            .iter()
            .map(|cell| cell.matches('\n').count() as u64)
            .sum::<u64>();
        sheet.push(line, record.iter().map(|cell| Ok(clean(cell))).collect())?;
    }
    sheet.complete()
}

/// UTF-8, UTF-16 with its mark, or what a Chinese Excel writes.
fn text(bytes: &[u8]) -> Result<String, ApiError> {
    let encoding = match bytes {
        [0xff, 0xfe, ..] => UTF_16LE,
        [0xfe, 0xff, ..] => UTF_16BE,
        _ if std::str::from_utf8(bytes).is_ok() => UTF_8,
        _ => GB18030,
    };
    match encoding.decode_with_bom_removal(bytes) {
        // The reader of CSV counts a line late where lines end with both.
        (text, false) if !text.contains('\0') => Ok(text.replace("\r\n", "\n")),
        _ => Err(malformed(
            "编码须为 UTF-8 或 GB18030",
            "its encoding must be UTF-8 or GB18030",
        )),
    }
}

/// Without the mark that exports put before what looks like a formula.
fn clean(cell: &str) -> String {
    let cell = cell.trim();
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest.to_owned(),
        _ => cell.to_owned(),
    }
}

fn workbook(bytes: &[u8]) -> Result<Sheet, ApiError> {
    require_bounded(bytes)?;
    let wrong = |_| malformed("不是有效的 XLSX", "it is no valid XLSX");
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(wrong)?;
    let names = book.sheet_names();
    let name = names
        .first()
        .ok_or_else(|| malformed("没有工作表", "it has no sheet"))?;
    let mut cells = book.worksheet_cells_reader(name).map_err(wrong)?;
    let (mut sheet, mut row, mut line) = (Sheet::default(), Vec::new(), 0);
    while let Some(cell) = cells.next_cell().map_err(wrong)? {
        let (at, column) = cell.get_position();
        if at != line {
            sheet.push(u64::from(line) + 1, std::mem::take(&mut row))?;
            line = at;
        }
        let column = column as usize;
        if column >= MOST_COLUMNS {
            return Err(malformed("超过256列", "more than 256 columns"));
        }
        if row.len() <= column {
            row.resize(column + 1, Ok(String::new()));
        }
        if let Some(place) = row.get_mut(column) {
            *place = value(cell.get_value());
        }
    }
    sheet.push(u64::from(line) + 1, row)?;
    sheet.complete()
}

/// A small file may unpack to a very large one.
fn require_bounded(bytes: &[u8]) -> Result<(), ApiError> {
    let wrong = |_| malformed("不是有效的 XLSX", "it is no valid XLSX");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(wrong)?;
    let mut left = UNPACKED_LIMIT;
    for part in 0..archive.len() {
        let part = archive.by_index(part).map_err(wrong)?;
        let size = io::copy(&mut part.take(left + 1), &mut io::sink())
            .map_err(|_| malformed("内容已损坏", "it is damaged"))?;
        left = left.checked_sub(size).ok_or(ApiError::TooLarge)?;
    }
    Ok(())
}

fn value(cell: &DataRef<'_>) -> SheetCell {
    Ok(match cell {
        DataRef::Empty => String::new(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) if number.abs() >= EXACT_BELOW => {
            return Err(Text::new(
                "数字超过15位，须设为文本",
                "has more than 15 digits: make it a text",
            ));
        }
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) => clean(text),
        DataRef::SharedString(text) => clean(text),
        DataRef::Bool(truth) => truth.to_string(),
        DataRef::DateTime(moment) => match moment.as_datetime() {
            // A sheet's days are fractions: 19:16:46 may come as 19:16:45.9998.
            Some(moment) => (moment + TimeDelta::milliseconds(500))
                .format("%Y-%m-%d %H:%M:%S")
                .to_string(),
            None => return Err(Text::new("日期无效", "is no date")),
        },
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(_) => return Err(Text::new("公式有错误", "holds an error")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(bytes: &[u8]) -> Vec<(u64, Vec<String>)> {
        let sheet = csv_file(bytes).unwrap();
        let row = |(line, cells): (u64, Vec<SheetCell>)| {
            (line, cells.into_iter().map(|cell| cell.unwrap()).collect())
        };
        let titles = (1, sheet.titles.clone());
        std::iter::once(titles)
            .chain(sheet.rows.into_iter().map(row))
            .collect()
    }

    fn expected() -> Vec<(u64, Vec<String>)> {
        let row = |cells: [&str; 2]| cells.map(String::from).to_vec();
        vec![
            (1, row(["名称", "型号"])),
            (2, row(["一号,桩", "=1+1"])),
            (4, row(["二号", "直\n流"])),
            (5, vec!["三号".to_owned()]),
        ]
    }

    #[test]
    fn csv_is_read_in_every_encoding_that_excel_writes() {
        let text = "名称,型号\r\n\"一号,桩\",'=1+1\r\n,\r\n 二号 ,\"直\r\n流\"\r\n三号\r\n";
        assert_eq!(rows(text.as_bytes()), expected());
        assert_eq!(rows(format!("\u{feff}{text}").as_bytes()), expected());
        assert_eq!(rows(&GB18030.encode(text).0), expected());
        let tabs = "名称\t型号\r\n一号,桩\t'=1+1\r\n\t\r\n二号\t\"直\r\n流\"\r\n三号\r\n";
        let utf16: Vec<u8> = format!("\u{feff}{tabs}")
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(rows(&utf16), expected());
    }

    #[test]
    fn what_is_no_sheet_is_refused() {
        for bytes in [
            b"".as_slice(),
            b"\r\n\r\n",
            b"\xff\xff\xff,\x80",
            b"a\0b",
            b"\xd0\xcf\x11\xe0\xa1\xb1",
        ] {
            assert!(csv_file(bytes).is_err(), "{bytes:?}");
        }
        assert!(workbook(b"PK\x03\x04 nothing").is_err());
        let long = format!("a\n{}", "1\n".repeat(MOST_ROWS + 1));
        assert!(csv_file(long.as_bytes()).is_err());
        assert!(csv_file("a,".repeat(300).trim_end_matches(',').as_bytes()).is_err());
    }

    #[test]
    fn a_workbook_is_read_by_its_values() {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        let date = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
        sheet.write_string(0, 0, "名称").unwrap();
        sheet.write_string(0, 2, "日期").unwrap();
        sheet.write_number(2, 0, 120.0).unwrap();
        sheet.write_number_with_format(2, 2, 45_658.0, &date).unwrap();
        sheet.write_number(3, 0, 8.986e19).unwrap();
        let sheet = workbook(&book.save_to_buffer().unwrap()).unwrap();
        assert_eq!(sheet.titles, ["名称", "", "日期"]);
        assert_eq!(sheet.rows[0].0, 3);
        let cells: Vec<_> = sheet.rows[0].1.iter().map(|cell| cell.clone().unwrap()).collect();
        assert_eq!(cells, ["120", "", "2025-01-01 00:00:00"]);
        assert!(sheet.rows[1].1[0].is_err());
    }
}
