//! Lists: which page, in which order, by which filter, as JSON or as a file. A resource says of what its rows
//! are made ([`Listed`]) and what its filter means ([`Conditions`]); the rest is here.

use axum::{
    extract::FromRequestParts,
    http::request::Parts,
    response::{IntoResponse as _, Response},
};
use clickhouse::{RowOwned, RowRead, query::Query};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use store::Conditions;
use utoipa::{IntoParams, ToSchema};

use super::{
    Ground,
    answer::{Answer, Page},
    error::ApiError,
    export::{self, Column},
    input::{pairs, query},
    language::{Language, Text},
    places::Shown,
    scope::Scope,
    sight::Sight,
    total::{Total, by, total},
};

const DEFAULT_PAGE_SIZE: u64 = 20;
const LARGEST_PAGE_SIZE: u64 = 500;
/// Nobody turns pages so far; ClickHouse would have to sort all that lies before.
const LAST_ROW: u64 = 1_000_000;

/// What makes a row come only once where `FROM` may give it more often: tables of events that are read without
/// FINAL, because services compare events with the table before they insert them, and only two at the same
/// moment can both insert one. So it is asked first whether there are repeats at all, in one pass with the total.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Repeats {
    /// A number that repeats of a row have in common, and other rows hardly ever: as many of them as rows show that
    /// no row is repeated. Of narrow columns.
    pub(crate) mark: &'static str,
    /// The columns that tell rows apart.
    pub(crate) by: &'static str,
}

/// A row of a list: what the query gives, what JSON shows, what a sheet has as columns.
pub(crate) trait Listed: RowOwned + RowRead + Serialize + Send + Sync {
    /// A name for errors, and of the exported file.
    const WHAT: &'static str;
    /// What stands behind FROM: ``"`device_model` FINAL"``, or a join in parentheses. The row's fields are
    /// its columns.
    const FROM: &'static str;
    /// Fields that are no columns as they are, each with what it is worked out of. A query that says this of its table
    /// is understood in half the time that one around a subquery takes.
    const COMPUTED: &'static [(&'static str, &'static str)] = &[];
    /// Fields that memory fills in: [`super::NAMELESS`] where the pile is shown by [`Self::pile`].
    const NAMELESS: &'static [(&'static str, &'static str)] = &[];
    /// Whether `FROM` may give a row more than once.
    const REPEATS: Option<Repeats> = None;
    /// The columns by which may be sorted.
    const SORT: &'static [&'static str];
    /// The order when none is asked for, and the tie-break of every order: `"model, model_id"`.
    const ORDER: &'static str;
    /// The columns of an export.
    const COLUMNS: &'static [Column<Self>];

    /// The pile that the row is about, to be shown beside it from memory: a join would look up the whole fleet
    /// for a page. Its fields are [`Self::NAMELESS`], or `FROM` has [`super::nameless`] columns for them.
    fn pile(&mut self) -> Option<Shown<'_>> {
        None
    }
}

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
    page: Option<u64>,
    /// 每页条数 Rows per page
    #[param(minimum = 1, maximum = 500, default = 20)]
    page_size: Option<u64>,
    /// 排序字段, 前加 - 为降序 Field to sort by, with `-` in front for descending
    sort: Option<String>,
    /// 导出为文件, 忽略分页 Export all pages as a file
    #[param(inline)]
    export: Option<Format>,
}

/// The parameters' names, by which they are told from the resource's own.
const PAGING: [&str; 4] = ["page", "page_size", "sort", "export"];

/// Extractor of a list's request. `F`: the resource's filter, all its fields optional.
#[derive(Debug)]
pub(crate) struct List<F> {
    /// The resource's own parameters.
    pub(crate) filter: F,
    /// The same as they were sent.
    asked: String,
    paging: Paging,
    language: Language,
}

impl<S: Send + Sync, F: DeserializeOwned> FromRequestParts<S> for List<F> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let (paging, filter): (Vec<_>, Vec<_>) = pairs(parts)
            .into_iter()
            .partition(|(name, _)| PAGING.contains(&name.as_str()));
        let asked = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&filter)
            .finish();
        Ok(Self {
            asked,
            filter: query(filter.into_iter())?,
            paging: query(paging.into_iter())?,
            language: Language::of(&parts.headers),
        })
    }
}

impl<F> List<F> {
    /// The page, or the file, of rows that meet the conditions.
    ///
    /// # Errors
    /// 422 for a page or an order that there is not, 503 without ClickHouse.
    pub(crate) async fn answer<T: Listed>(
        &self,
        ground: &Ground,
        conditions: &Conditions,
    ) -> Result<Response, ApiError> {
        self.answer_without::<T>(ground, conditions, |_| ()).await
    }

    /// Like [`Self::answer`]; `hide` takes from each row what this caller may not see.
    ///
    /// # Errors
    /// 422 for a page or an order that there is not, 503 without ClickHouse.
    pub(crate) async fn answer_without<T: Listed>(
        &self,
        ground: &Ground,
        conditions: &Conditions,
        hide: fn(&mut T),
    ) -> Result<Response, ApiError> {
        let order = self.paging.order::<T>()?;
        if let Some(format) = self.paging.export {
            // Ignored, but a page that there cannot be is still a mistake.
            self.paging.window()?;
            let once = match total::<T>(ground, T::FROM, conditions).await? {
                Total { repeated: true, .. } => by::<T>(),
                _ => String::new(),
            };
            let query = rows_query::<T>(ground, T::FROM, conditions, &order, &once);
            return export::answer::<T>(ground, query, hide, format, self.language).await;
        }
        let mut page = self.page::<T>(ground, T::FROM, conditions).await?;
        page.items.iter_mut().for_each(hide);
        Ok(Answer(page).into_response())
    }

    /// Whether a file is wanted.
    pub(crate) fn is_export(&self) -> bool {
        self.paging.export.is_some()
    }

    /// The page, for a resource that adds to its rows what `from` does not give. `from` stands in for
    /// [`Listed::FROM`], where that joins what only a file needs.
    ///
    /// # Errors
    /// 422, 503 as above.
    pub(crate) async fn page<T: Listed>(
        &self,
        ground: &Ground,
        from: &'static str,
        conditions: &Conditions,
    ) -> Result<Page<T>, ApiError> {
        let order = self.paging.order::<T>()?;
        let window = self.paging.window()?;
        let read = async |window: &str| {
            let query = rows_query::<T>(ground, from, conditions, &order, window);
            Ok(ground.db.rows::<T>(T::WHAT, query).await?)
        };
        let window = window.sql();
        let (total, items) = tokio::try_join!(total::<T>(ground, from, conditions), read(&window))?;
        let mut items = match total.repeated {
            true => read(&format!("{}{window}", by::<T>())).await?,
            false => items,
        };
        ground.place(&mut items, T::pile).await?;
        Ok(Page {
            total: total.rows,
            items,
        })
    }

    /// Which rows are wanted: how many come before the page, and how many are on it.
    ///
    /// # Errors
    /// 422 for a page that there is not.
    pub(crate) fn rows(&self) -> Result<(u64, u64), ApiError> {
        let Window { first, size } = self.paging.window()?;
        Ok((first, size))
    }

    /// The field that is sorted by, as it was sent; none: the usual order.
    pub(crate) fn sort(&self) -> Option<&str> {
        self.paging.sort.as_deref()
    }

    /// What [`Self::answer_without`] does, of events that piles report and nobody changes: how many there are may be
    /// some seconds old ([`super::total`]), and where many piles are meant, the newest rows of all are read and
    /// those of other piles left out ([`super::sight`]).
    ///
    /// # Errors
    /// 422, 503 as above.
    pub(crate) async fn answer_reported<T: Listed>(
        &self,
        ground: &Ground,
        scope: &Scope,
        sight: &Sight,
        hide: fn(&mut T),
    ) -> Result<Response, ApiError> {
        if self.is_export() {
            return self.answer_without::<T>(ground, &sight.exactly, hide).await;
        }
        let order = self.paging.order::<T>()?;
        let window = self.paging.window()?;
        let exactly = async |window: &str| {
            let query = rows_query::<T>(ground, T::FROM, &sight.exactly, &order, window);
            Ok::<_, ApiError>(ground.db.rows::<T>(T::WHAT, query).await?)
        };
        let read = async || match self.read_wider::<T>(ground, sight, &order, &window).await? {
            Some(items) => Ok(items),
            None => exactly(&window.sql()).await,
        };
        let (total, items) = tokio::try_join!(
            ground.totals.of::<T>(ground, &self.asked, scope, &sight.exactly),
            read()
        )?;
        let mut items = match total.repeated {
            true => exactly(&format!("{}{}", by::<T>(), window.sql())).await?,
            false => items,
        };
        ground.place(&mut items, T::pile).await?;
        items.iter_mut().for_each(hide);
        let total = total.with_page(window.first, window.size, items.len() as u64);
        Ok(Answer(Page { total, items }).into_response())
    }

    /// The page, if it can be had by leaving out rows.
    async fn read_wider<T: Listed>(
        &self,
        ground: &Ground,
        sight: &Sight,
        order: &str,
        window: &Window,
    ) -> Result<Option<Vec<T>>, ApiError> {
        let Some(wider) = sight.wider(window.first + window.size) else {
            return Ok(None);
        };
        let rows = format!(" LIMIT {}", wider.rows);
        let query = rows_query::<T>(ground, T::FROM, wider.conditions, order, &rows);
        let mut items = ground.db.rows::<T>(T::WHAT, query).await?;
        let all_read = (items.len() as u64) < wider.rows;
        let device_id = |row: &mut T| row.pile().map_or(0, |shown| shown.device_id);
        wider.retain(ground, &mut items, device_id).await?;
        if !all_read && (items.len() as u64) < window.first + window.size {
            return Ok(None);
        }
        let page = items.into_iter().skip(window.first as usize);
        Ok(Some(page.take(window.size as usize).collect()))
    }
}

/// The rows in order, or a window of them.
pub(crate) fn rows_query<T: Listed>(
    ground: &Ground,
    from: &str,
    conditions: &Conditions,
    order: &str,
    window: &str,
) -> Query {
    let sql = format!("SELECT {} FROM {from}", fields::<T>());
    conditions.query_with(&ground.db, &sql, &format!("{order}{window}"))
}

/// The columns of a row, by which the driver fills its fields.
fn fields<T: Listed>() -> String {
    let field = |name: &&str| {
        let mut computed = T::COMPUTED.iter().chain(T::NAMELESS);
        let computed = computed.find(|(field, _)| field == name);
        computed.map_or_else(|| format!("`{name}`"), |(_, how)| format!("{how} AS `{name}`"))
    };
    T::COLUMN_NAMES.iter().map(field).collect::<Vec<_>>().join(",")
}

/// Which rows, in order.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Window {
    /// From 0.
    first: u64,
    size: u64,
}

impl Window {
    fn sql(self) -> String {
        format!(" LIMIT {} OFFSET {}", self.size, self.first)
    }
}

impl Paging {
    /// ` ORDER BY …`, made of names that the program knows.
    fn order<T: Listed>(&self) -> Result<String, ApiError> {
        let Some(sort) = &self.sort else {
            return Ok(format!(" ORDER BY {}", T::ORDER));
        };
        let (name, direction) = match sort.strip_prefix('-') {
            Some(name) => (name, "DESC"),
            None => (sort.as_str(), "ASC"),
        };
        match T::SORT.iter().find(|known| **known == name) {
            Some(name) => Ok(format!(" ORDER BY `{name}` {direction}, {}", T::ORDER)),
            None => Err(ApiError::Invalid {
                field: "sort".into(),
                rule: Text::of(
                    format!("可用字段：{}", T::SORT.join("、")),
                    format!("must be one of: {}", T::SORT.join(", ")),
                ),
            }),
        }
    }

    fn window(&self) -> Result<Window, ApiError> {
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
