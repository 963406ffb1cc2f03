//! Assets from a sheet, as a job: a row with an id changes that asset, any other adds one. All or nothing.

use std::collections::{HashMap, HashSet};

use axum::{
    body::Bytes,
    extract::{Request, State},
};
use serde::{Deserialize, Serialize};
use store::{
    Conditions, Value,
    table::{asset::AssetVersion, device_model::DeviceModel, station::Station},
    versioned,
};
use utoipa::{IntoParams, ToSchema};

use super::{
    rules,
    wire::{AssetRow, Fields},
};
use crate::ground::{
    Answer, ApiError, Caller, Envelope, Ground, Language, Listed as _, Params, Scope, Text,
    import::{Faults, ImportOptions, Report, Row},
    job::{Job, Progress, Stage},
    lock,
    upload::{self, Sheet},
};

/// After so many rows the progress is told.
const TELL_EVERY: usize = 1000;

/// An import that has begun.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Begun {
    /// 导入编号, 用于查询进度 The import's id, to ask for its progress
    import_id: String,
}

/// 导入资产: CSV (UTF-8、GB18030) 或 XLSX, 可先只检查; 有错误时全部不写入 Import assets; with any fault nothing is written
#[utoipa::path(post, path = "/asset/import", tag = "asset", params(ImportOptions),
    request_body(content = Vec<u8>, content_type = "application/octet-stream",
        description = "CSV 或 XLSX 文件, 或带一个文件的 multipart/form-data; 最大20 MiB、2万行 The file, or a form with one"),
    responses((status = 200, body = Envelope<Begun>),
        (status = 429, description = "正在进行的导入过多 Too many imports at once")))]
pub(super) async fn import(
    State(ground): State<Ground>,
    caller: Caller,
    language: Language,
    Params(options): Params<ImportOptions>,
    request: Request,
) -> Result<Answer<Begun>, ApiError> {
    let slot = ground.import_slot()?;
    let file = upload::file(request).await?;
    let mut job = ground.begin_job(caller.user.user_id).await?;
    let begun = Begun {
        import_id: job.progress.import_id.clone(),
    };
    let dry_run = options.dry_run.unwrap_or(false);
    tokio::spawn(async move {
        let outcome = carry_out(&ground, &caller, &mut job, file, dry_run, language).await;
        job.end(outcome.map_err(|error| error.told(language))).await;
        drop(slot);
    });
    Ok(Answer(begun))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct WhichImport {
    /// 导入编号 The import's id
    import_id: String,
}

/// 导入进度, 保留24小时 How far an import is, for 24 h
#[utoipa::path(get, path = "/asset/import/progress", tag = "asset", params(WhichImport),
    responses((status = 200, body = Envelope<Progress>)))]
pub(super) async fn progress(
    State(ground): State<Ground>,
    caller: Caller,
    Params(which): Params<WhichImport>,
) -> Result<Answer<Progress>, ApiError> {
    ground
        .progress(caller.user.user_id, &which.import_id)
        .await
        .map(Answer)
}

async fn carry_out(
    ground: &Ground,
    caller: &Caller,
    job: &mut Job,
    file: Bytes,
    dry_run: bool,
    language: Language,
) -> Result<Report, ApiError> {
    let mut sheet = upload::sheet(file).await?;
    let mut faults = Faults::new(Fields::SHEET, language);
    let known = Known::read(ground, &caller.scope).await?;
    known.resolve_stations(&mut sheet, &mut faults);
    let ignored = |title: &str| {
        AssetRow::COLUMNS
            .iter()
            .any(|column| column.title.zh == title || column.title.en == title)
    };
    let rows = faults.read(sheet, ignored);
    let total = rows.len();
    job.tell(Stage::Checking, 0, total).await;
    let mut locks = Vec::new();
    for Row { fields, .. } in rows.iter().filter(|_| !dry_run) {
        locks.extend(super::locks(fields.name.as_deref(), fields.sta_id));
        locks.extend(fields.id.map(|id| lock("asset", id)));
    }
    let mut change = ground.change(caller, locks).await?;
    // Stations may have gone before the locks were there.
    let known = Known::read(ground, &caller.scope).await?;
    let present = Present::read(ground, &caller.scope, &rows).await?;
    let mut seen = Seen::default();
    let mut steps = Vec::with_capacity(total);
    for (nth, row) in rows.iter().enumerate() {
        let step = step(&known, &present, &mut seen, &row.fields);
        steps.extend(faults.take(row.line, step)?);
        if nth % TELL_EVERY == TELL_EVERY - 1 {
            job.tell(Stage::Checking, nth, total).await;
        }
    }
    let added = steps.iter().filter(|(before, _)| before.is_none()).count();
    let is_sound = faults.count() == 0;
    let mut report = faults.report(dry_run, total, added, steps.len() - added);
    if dry_run || !is_sound {
        return Ok(report);
    }
    job.tell(Stage::Writing, 0, total).await;
    let mut ids = ground.new_ids(added).await?;
    for (before, mut after) in steps {
        if before.is_none() {
            after.device_id = ids.next().ok_or(ApiError::Internal)?;
        }
        change.put(before, after);
    }
    change.commit().await?;
    report.is_done = true;
    Ok(report)
}

/// What rows may name.
struct Known {
    models: HashSet<String>,
    /// Stations that the caller sees, and their ids by name; none if two have it.
    stations: HashSet<u64>,
    by_name: HashMap<String, Option<u64>>,
    sees_all: bool,
}

impl Known {
    async fn read(ground: &Ground, scope: &Scope) -> Result<Self, ApiError> {
        let (all, seen) = (Conditions::new(), scope.stations(Conditions::new()));
        let (models, stations) = tokio::try_join!(
            versioned::present::<DeviceModel>(&ground.db, &all),
            versioned::present::<Station>(&ground.db, &seen),
        )?;
        let mut by_name: HashMap<String, Option<u64>> = HashMap::new();
        for station in &stations {
            let same = by_name.entry(station.sta_name.clone());
            same.and_modify(|id| *id = None).or_insert(Some(station.sta_id));
        }
        Ok(Self {
            models: models.into_iter().map(|model| model.model).collect(),
            stations: stations.into_iter().map(|station| station.sta_id).collect(),
            by_name,
            sees_all: *scope == Scope::All,
        })
    }

    /// People name stations, not their ids: where the id is not given, the name gives it.
    fn resolve_stations(&self, sheet: &mut Sheet, faults: &mut Faults<Fields>) {
        let place = |names: [&str; 3]| {
            sheet
                .titles
                .iter()
                .position(|title| names.iter().any(|name| title.eq_ignore_ascii_case(name)))
        };
        let Some(name_at) = place(["场站名称", "Station", "sta_name"]) else {
            return;
        };
        let id_at = place(["场站编号", "Station id", "sta_id"]).unwrap_or_else(|| {
            sheet.titles.push("场站编号".to_owned());
            sheet.titles.len() - 1
        });
        for (line, cells) in &mut sheet.rows {
            let text = |at: usize| {
                cells
                    .get(at)
                    .and_then(|cell| cell.as_deref().ok())
                    .unwrap_or_default()
            };
            let name = text(name_at);
            if name.is_empty() || !text(id_at).is_empty() {
                continue;
            }
            let id = match self.by_name.get(name) {
                Some(Some(id)) => id.to_string(),
                Some(None) => {
                    faults.add(
                        *line,
                        "场站名称",
                        Text::new("有多个同名场站，请填场站编号", "is several stations: give the id"),
                    );
                    continue;
                }
                None => {
                    faults.add(*line, "场站名称", Text::new("场站不存在", "is no station"));
                    continue;
                }
            };
            if cells.len() <= id_at {
                cells.resize(id_at + 1, Ok(String::new()));
            }
            if let Some(cell) = cells.get_mut(id_at) {
                *cell = Ok(id);
            }
        }
    }
}

/// The assets that rows name.
struct Present {
    /// Those the caller sees.
    by_id: HashMap<u64, AssetVersion>,
    /// Whose the uuids are.
    owners: HashMap<String, u64>,
}

impl Present {
    async fn read(ground: &Ground, scope: &Scope, rows: &[Row<Fields>]) -> Result<Self, ApiError> {
        let ids: Vec<u64> = rows.iter().filter_map(|row| row.fields.id).collect();
        let uuids: Vec<String> = rows.iter().filter_map(|row| row.fields.name.clone()).collect();
        let mut present = Self {
            by_id: HashMap::new(),
            owners: HashMap::new(),
        };
        if !ids.is_empty() {
            let named = Conditions::new().and("device_id IN ?", [Value::UnsignedList(ids)]);
            let found = versioned::present::<AssetVersion>(&ground.db, &scope.stations(named)).await?;
            present.by_id = found.into_iter().map(|asset| (asset.device_id, asset)).collect();
        }
        if !uuids.is_empty() {
            let named = Conditions::new().and("name IN ?", [Value::TextList(uuids)]);
            let found = versioned::present::<AssetVersion>(&ground.db, &named).await?;
            present.owners = found
                .into_iter()
                .map(|asset| (asset.name, asset.device_id))
                .collect();
        }
        Ok(present)
    }
}

/// What rows before have named.
#[derive(Default)]
struct Seen {
    ids: HashSet<u64>,
    uuids: HashSet<String>,
}

/// What a row comes to: the asset as it is, if there is one, and as it will be.
fn step<'a>(
    known: &Known,
    present: &'a Present,
    seen: &mut Seen,
    fields: &Fields,
) -> Result<(Option<&'a AssetVersion>, AssetVersion), ApiError> {
    let twice = |field: &'static str| ApiError::invalid(field, "重复", "is there twice");
    let (before, after) = match fields.id {
        None => (None, rules::new(fields)?),
        Some(id) => {
            let missing = || ApiError::invalid("device_id", "资产不存在", "is no asset");
            let before = present.by_id.get(&id).ok_or_else(missing)?;
            if !seen.ids.insert(id) {
                return Err(twice("device_id"));
            }
            (Some(before), rules::with(before.clone(), fields)?)
        }
    };
    if !after.name.is_empty() {
        if !seen.uuids.insert(after.name.clone()) {
            return Err(twice("name"));
        }
        if present
            .owners
            .get(&after.name)
            .is_some_and(|owner| *owner != after.device_id)
        {
            return Err(ApiError::invalid(
                "name",
                "该 uuid 已属于另一资产",
                "is another asset's already",
            ));
        }
    }
    let was = before.map(|before| (before.model.as_str(), before.sta_id));
    if !after.model.is_empty()
        && was.is_none_or(|(model, _)| model != after.model)
        && !known.models.contains(&after.model)
    {
        return Err(ApiError::invalid("model", "型号不存在", "is no known model"));
    }
    let is_there = match after.sta_id {
        0 => known.sees_all,
        id => known.stations.contains(&id),
    };
    if !is_there && was.is_none_or(|(_, sta_id)| sta_id != after.sta_id) {
        return Err(ApiError::invalid("sta_id", "场站不存在", "is no station"));
    }
    Ok((before, after))
}
