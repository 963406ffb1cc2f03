//! Figures that may be some seconds old, worked out once for all who ask meanwhile: many people have the same page open,
//! and the database takes longer over a day's figures than over a page of rows.

use std::{
    any::Any,
    sync::Arc,
    time::{Duration, Instant},
};

use moka::{Expiry, future::Cache};

use super::{error::ApiError, scope::Scope};

/// Different figures of different people.
const MOST: u64 = 10_000;

/// Figures are kept for so many times as long as it took to work them out: those of one name keep at most one core in
/// two hundred busy, however many people look at them.
const TIMES: u32 = 200;

/// Figures, and how long they took.
#[derive(Debug, Clone)]
struct Worked {
    figures: Arc<dyn Any + Send + Sync>,
    took: Duration,
}

/// What is kept, by name.
#[derive(Debug, Clone)]
pub(crate) struct Kept(Cache<String, Worked>);

/// What was cheap is worked out again sooner.
struct ByCost {
    least: Duration,
    most: Duration,
}

impl Expiry<String, Worked> for ByCost {
    fn expire_after_create(&self, _: &String, worked: &Worked, _: Instant) -> Option<Duration> {
        Some((worked.took * TIMES).clamp(self.least, self.most))
    }
}

impl Kept {
    /// Whatever is kept is at most so old.
    pub(crate) fn at_most(age: Duration) -> Self {
        Self::between(age, age)
    }

    /// What takes long is kept longer, up to `most`; whatever it is, for `least`.
    pub(crate) fn between(least: Duration, most: Duration) -> Self {
        let by_cost = ByCost { least, most };
        Self(Cache::builder().max_capacity(MOST).expire_after(by_cost).build())
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
        let work = async {
            let began = Instant::now();
            let figures = Arc::new(work.await?);
            let took = began.elapsed();
            Ok::<Worked, ApiError>(Worked { figures, took })
        };
        let kept = self.0.try_get_with(name, work).await;
        let kept = kept.map_err(|error: Arc<ApiError>| (*error).clone())?;
        kept.figures.downcast().map_err(|_| ApiError::Internal)
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

    #[test]
    fn what_took_long_is_kept_long() {
        let (least, most) = (Duration::from_secs(5), Duration::from_secs(60));
        let by_cost = ByCost { least, most };
        let kept = |took| {
            let figures = Arc::new(0_u8);
            let took = Duration::from_millis(took);
            by_cost.expire_after_create(&String::new(), &Worked { figures, took }, Instant::now())
        };
        assert_eq!(kept(1), Some(least));
        assert_eq!(kept(100), Some(Duration::from_secs(20)));
        assert_eq!(kept(9_000), Some(most));
    }

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
