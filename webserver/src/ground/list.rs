//! Lists: which page, in which order, by which filter, as JSON or as a file. A resource says of what its rows
//! are made ([`Listed`]) and what its filter means ([`Conditions`]); the rest is here.

use std::cmp::Ordering;

use axum::{
    extract::FromRequestParts,
    http::request::Parts,
    response::{IntoResponse as _, Response},
};
use clickhouse::{RowOwned, RowRead, query::Query};
use serde::{Serialize, de::DeserializeOwned};
use store::Conditions;

use super::{
    Ground,
    answer::{Answer, Page},
    error::ApiError,
    export::{self, Column},
    input::{pairs, query},
    language::Language,
    paging::{PAGING, Paging, Window},
    places::Shown,
    scope::Scope,
    sight::Sight,
    total::{Total, by, total},
};

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

    /// The page of rows that memory holds, all of them that the filter and the caller's scope leave. `order` compares two
    /// by a field of [`Listed::SORT`], or as [`Listed::ORDER`] does; `show` makes of one what callers see.
    ///
    /// # Errors
    /// 422 for a page or an order that there is not.
    pub(crate) fn held<R, T: Listed>(
        &self,
        mut rows: Vec<R>,
        order: impl Fn(Option<&str>, &R, &R) -> Ordering,
        show: impl FnMut(R) -> T,
    ) -> Result<Page<T>, ApiError> {
        let sorted = self.paging.sorted::<T>()?;
        let Window { first, size } = self.paging.window()?;
        let order = |a: &R, b: &R| {
            let by_field = sorted.map_or(Ordering::Equal, |(field, descending)| {
                let ordering = order(Some(field), a, b);
                if descending { ordering.reverse() } else { ordering }
            });
            by_field.then_with(|| order(None, a, b))
        };
        let total = rows.len() as u64;
        let end = (first + size) as usize;
        // What lies behind the page need not be put in order.
        if end < rows.len() {
            rows.select_nth_unstable_by(end, order);
            rows.truncate(end);
        }
        rows.sort_unstable_by(order);
        let items = rows.into_iter().skip(first as usize).map(show).collect();
        Ok(Page { total, items })
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
