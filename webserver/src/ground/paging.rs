//! What all lists understand: which page, in which order, as JSON or as a file.

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{error::ApiError, language::Text, list::Listed};

const DEFAULT_PAGE_SIZE: u64 = 20;
const LARGEST_PAGE_SIZE: u64 = 500;
/// Nobody turns pages so far; ClickHouse would have to sort all that lies before.
const LAST_ROW: u64 = 1_000_000;

/// Kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// 逗号分隔, UTF-8 带 BOM Comma-separated, UTF-8 with BOM
    Csv,
    /// Excel 工作簿 Excel workbook
    Xlsx,
}

/// What all lists understand.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Paging {
    /// 页码, 从1开始 Page, from 1
    #[param(minimum = 1, default = 1)]
    pub(super) page: Option<u64>,
    /// 每页条数 Rows per page
    #[param(minimum = 1, maximum = 500, default = 20)]
    pub(super) page_size: Option<u64>,
    /// 排序字段, 前加 - 为降序 Field to sort by, with `-` in front for descending
    pub(super) sort: Option<String>,
    /// 导出为文件, 忽略分页 Export all pages as a file
    #[param(inline)]
    pub(super) export: Option<Format>,
}

/// The parameters' names, by which they are told from the resource's own.
pub(super) const PAGING: [&str; 4] = ["page", "page_size", "sort", "export"];

/// Which rows, in order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Window {
    /// From 0.
    pub(super) first: u64,
    pub(super) size: u64,
}

impl Window {
    /// ` LIMIT … OFFSET …`.
    pub(super) fn sql(self) -> String {
        format!(" LIMIT {} OFFSET {}", self.size, self.first)
    }
}

impl Paging {
    /// The field to sort by and whether descending; none: the usual order.
    ///
    /// # Errors
    /// 422 for a field by which the list cannot be sorted.
    pub(super) fn sorted<T: Listed>(&self) -> Result<Option<(&'static str, bool)>, ApiError> {
        let Some(sort) = &self.sort else {
            return Ok(None);
        };
        let (name, descending) = match sort.strip_prefix('-') {
            Some(name) => (name, true),
            None => (sort.as_str(), false),
        };
        match T::SORT.iter().find(|known| **known == name) {
            Some(name) => Ok(Some((name, descending))),
            None => Err(ApiError::Invalid {
                field: "sort".into(),
                rule: Text::of(
                    format!("可用字段：{}", T::SORT.join("、")),
                    format!("must be one of: {}", T::SORT.join(", ")),
                ),
            }),
        }
    }

    /// ` ORDER BY …`, made of names that the program knows.
    ///
    /// # Errors
    /// As [`Self::sorted`].
    pub(super) fn order<T: Listed>(&self) -> Result<String, ApiError> {
        Ok(match self.sorted::<T>()? {
            None => format!(" ORDER BY {}", T::ORDER),
            Some((name, true)) => format!(" ORDER BY `{name}` DESC, {}", T::ORDER),
            Some((name, false)) => format!(" ORDER BY `{name}` ASC, {}", T::ORDER),
        })
    }

    /// # Errors
    /// 422 for a page that there is not.
    pub(super) fn window(&self) -> Result<Window, ApiError> {
        let (page, size) = (
            self.page.unwrap_or(1),
            self.page_size.unwrap_or(DEFAULT_PAGE_SIZE),
        );
        if !(1..=LARGEST_PAGE_SIZE).contains(&size) {
            return Err(ApiError::invalid(
                "page_size",
                "须在1到500之间",
                "must be from 1 to 500",
            ));
        }
        let first = page.checked_sub(1).and_then(|before| before.checked_mul(size));
        match first.filter(|first| *first <= LAST_ROW) {
            Some(first) => Ok(Window { first, size }),
            None => Err(ApiError::invalid(
                "page",
                "须从1开始，且不超过第100万条",
                "must be from 1, and within the first million rows",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_a_window_of_rows() {
        let window = |page, page_size| {
            let paging = Paging {
                page,
                page_size,
                ..Paging::default()
            };
            paging.window().map(Window::sql)
        };
        assert_eq!(window(None, None).unwrap(), " LIMIT 20 OFFSET 0");
        assert_eq!(window(Some(3), Some(500)).unwrap(), " LIMIT 500 OFFSET 1000");
        for (page, size) in [
            (Some(0), None),
            (None, Some(0)),
            (None, Some(501)),
            (Some(u64::MAX), Some(500)),
        ] {
            assert!(window(page, size).is_err());
        }
    }
}
