//! Stations from a sheet: a row with an id changes that station, any other adds one.

use std::collections::{HashMap, HashSet};

use axum::extract::{Request, State};
use store::{
    Conditions,
    table::{organization_station::OrganizationStation, station::Station},
    versioned,
};

use super::{
    new_owners, rules,
    wire::{Fields, StationRow},
};
use crate::ground::{
    Answer, ApiError, Caller, Envelope, Ground, Language, Listed as _, Params,
    import::{Faults, ImportOptions, Report, Row},
    lock, upload,
};

/// What one row comes to.
struct Step {
    before: Option<Station>,
    after: Station,
}

/// 导入场站: CSV (UTF-8、GB18030) 或 XLSX, 可先只检查; 有错误时全部不写入 Import stations; with any fault nothing is written
#[utoipa::path(post, path = "/station/import", tag = "station", params(ImportOptions),
    request_body(content = Vec<u8>, content_type = "application/octet-stream",
        description = "CSV 或 XLSX 文件, 或带一个文件的 multipart/form-data; 最大20 MiB、2万行 The file, or a form with one"),
    responses((status = 200, body = Envelope<Report>),
        (status = 429, description = "正在进行的导入过多 Too many imports at once")))]
pub(super) async fn import(
    State(ground): State<Ground>,
    caller: Caller,
    language: Language,
    Params(options): Params<ImportOptions>,
    request: Request,
) -> Result<Answer<Report>, ApiError> {
    let dry_run = options.dry_run.unwrap_or(false);
    let _slot = ground.import_slot()?;
    let sheet = upload::sheet(upload::file(request).await?).await?;
    let mut faults = Faults::new(Fields::SHEET, language);
    let ignored = |title: &str| {
        StationRow::COLUMNS
            .iter()
            .any(|column| column.title.zh == title || column.title.en == title)
    };
    let rows = faults.read(sheet, ignored);
    let mut locks = vec![lock("organization", "tree")];
    for row in &rows {
        locks.extend(row.fields.sta_name.iter().map(|name| lock("station.name", name)));
        locks.extend(row.fields.id.map(|id| lock("station", id)));
    }
    if dry_run {
        locks.clear();
    }
    let mut change = ground.change(&caller, locks).await?;
    let steps = check(&ground, &caller, &rows, &mut faults).await?;
    let added = steps.iter().filter(|step| step.before.is_none()).count();
    let is_sound = faults.count() == 0;
    let mut report = faults.report(dry_run, rows.len(), added, steps.len() - added);
    if dry_run || !is_sound {
        return Ok(Answer(report));
    }
    let owners = new_owners(&caller, None)?;
    let mut ids = ground.new_ids(added).await?;
    for Step { before, mut after } in steps {
        if before.is_none() {
            after.sta_id = ids.next().ok_or(ApiError::Internal)?;
            for organization_id in &owners {
                let given = OrganizationStation {
                    organization_id: *organization_id,
                    sta_id: after.sta_id,
                    ..OrganizationStation::default()
                };
                change.put(None, given);
            }
        }
        change.put(before.as_ref(), after);
    }
    change.commit().await?;
    report.is_done = true;
    Ok(Answer(report))
}

async fn check(
    ground: &Ground,
    caller: &Caller,
    rows: &[Row<Fields>],
    faults: &mut Faults<Fields>,
) -> Result<Vec<Step>, ApiError> {
    let all = versioned::present::<Station>(&ground.db, &Conditions::new()).await?;
    let seen = versioned::present::<Station>(&ground.db, &caller.scope.stations(Conditions::new())).await?;
    let seen: HashMap<u64, Station> = seen
        .into_iter()
        .map(|station| (station.sta_id, station))
        .collect();
    let mut names: HashMap<String, u64> = all
        .into_iter()
        .map(|station| (station.sta_name, station.sta_id))
        .collect();
    let (mut named, mut ids, mut steps) = (HashSet::new(), HashSet::new(), Vec::new());
    for Row { line, fields } in rows {
        let before = match fields.id {
            None => None,
            Some(id) if !ids.insert(id) => {
                faults.take::<()>(*line, Err(ApiError::invalid("sta_id", "重复", "is there twice")))?;
                continue;
            }
            Some(id) => match seen.get(&id) {
                Some(station) => Some(station.clone()),
                None => {
                    faults.take::<()>(
                        *line,
                        Err(ApiError::invalid("sta_id", "场站不存在", "is no station")),
                    )?;
                    continue;
                }
            },
        };
        let after = rules::with(before.clone().unwrap_or_default(), fields);
        let Some(after) = faults.take(*line, after)? else {
            continue;
        };
        let owner = names.get(&after.sta_name).copied();
        if !named.insert(after.sta_name.clone()) || owner.is_some_and(|owner| owner != after.sta_id) {
            faults.take::<()>(
                *line,
                Err(ApiError::invalid("sta_name", "已存在", "is there already")),
            )?;
            continue;
        }
        names.entry(after.sta_name.clone()).or_insert(after.sta_id);
        steps.push(Step { before, after });
    }
    Ok(steps)
}
