//! Figures that may be some seconds old, worked out once for all who ask meanwhile: many people have the same page open,
//! and the database takes longer over a day's figures than over a page of rows.

use std::{any::Any, sync::Arc, time::Duration};

use moka::future::Cache;

use super::{error::ApiError, scope::Scope};

/// Different figures of different people.
const MOST: u64 = 10_000;

type Figures = Arc<dyn Any + Send + Sync>;

/// What is kept, by name.
#[derive(Debug, Clone)]
pub(crate) struct Kept(Cache<String, Figures>);

impl Kept {
    /// Whatever is kept is at most so old.
    pub(crate) fn at_most(age: Duration) -> Self {
        Self(Cache::builder().max_capacity(MOST).time_to_live(age).build())
    }

    /// The figures of this name, worked out only if they are not kept. Who asks for the same meanwhile waits for the one
    /// answer. A name has figures of one kind only.
    ///
    /// # Errors
    /// What `work` fails with; that is not kept.
    pub(crate) async fn get<T: Send + Sync + 'static>(
        &self,
        name: String,
        work: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<Arc<T>, ApiError> {
        let work = async { Ok::<Figures, ApiError>(Arc::new(work.await?)) };
        let kept = self.0.try_get_with(name, work).await;
        let kept = kept.map_err(|error: Arc<ApiError>| (*error).clone())?;
        kept.downcast().map_err(|_| ApiError::Internal)
    }
}

/// The name of what is asked by somebody: people who see the same have it together.
pub(crate) fn asked(what: &str, asked: &dyn std::fmt::Debug, scope: &Scope) -> String {
    match scope {
        Scope::All => format!("{what}?{asked:?}@all"),
        Scope::Within { own, .. } => format!("{what}?{asked:?}@{own:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_same_is_worked_out_once() {
        let kept = Kept::at_most(Duration::from_secs(3600));
        let first = kept.get("a".to_owned(), async { Ok(1_u32) }).await;
        let second = kept.get("a".to_owned(), async { Ok(2_u32) }).await;
        let other = kept.get("b".to_owned(), async { Ok(2_u32) }).await;
        let numbers = [first, second, other].map(|number| number.ok().map(|number| *number));
        assert_eq!(numbers, [Some(1), Some(1), Some(2)]);
        let failed = kept
            .get::<u32>("c".to_owned(), async { Err(ApiError::NotFound) })
            .await;
        assert!(failed.is_err());
        let again = kept.get("c".to_owned(), async { Ok(3_u32) }).await;
        assert_eq!(again.ok().map(|number| *number), Some(3), "a failure is not kept");
        assert!(kept.get::<u64>("a".to_owned(), async { Ok(1) }).await.is_err());
    }
}
