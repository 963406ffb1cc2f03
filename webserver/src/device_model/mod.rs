//! `device_model`: the models of piles. The smallest complete resource; the recipe in `docs/ARCHITECTURE.md`
//! points here.

mod queries;
mod rules;

use axum::{extract::State, response::Response};
use clickhouse::Row;
use serde::{Deserialize, Serialize};
use store::table::device_model::DeviceModel;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::ground::{
    Answer, ApiError, Body, Caller, Cell, Column, Envelope, Ground, List, Listed, Page, Paging, column, lock,
    require_version,
};

pub(crate) fn routes() -> OpenApiRouter<Ground> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(add))
        .routes(routes!(edit))
        .routes(routes!(delete))
}

/// A model as callers see it.
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
struct Model {
    /// 型号编号 The model's id
    model_id: u64,
    /// 型号名称 Its name
    #[schema(example = "DC-120")]
    model: String,
    /// 版本, 修改时须带回 Version, Unix ms; a change must carry it
    timestamp: i64,
}

impl Listed for Model {
    const WHAT: &'static str = "device_model";
    const FROM: &'static str = "device_model FINAL";
    const SORT: &'static [&'static str] = &["model_id", "model", "timestamp"];
    const ORDER: &'static str = "model, model_id";
    const COLUMNS: &'static [Column<Self>] = &[
        column("型号编号", "Model id", |row| {
            Cell::Text(row.model_id.to_string())
        }),
        column("型号名称", "Model", |row| Cell::Text(row.model.clone())),
        column("修改时间", "Changed", |row| Cell::Time(row.timestamp)),
    ];
}

impl From<DeviceModel> for Model {
    fn from(row: DeviceModel) -> Self {
        Self {
            model_id: row.model_id,
            model: row.model,
            timestamp: row.timestamp,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// 型号名称中的文字 Words in the name
    model: Option<String>,
}

/// 型号列表 List the models
#[utoipa::path(get, path = "/device_model/list", tag = "device_model", params(Paging, Filter),
    responses((status = 200, body = Envelope<Page<Model>>)))]
async fn list(State(ground): State<Ground>, list: List<Filter>) -> Result<Response, ApiError> {
    let conditions = queries::filtered(list.filter.model.as_deref());
    list.answer::<Model>(&ground, &conditions).await
}

#[derive(Debug, Deserialize, ToSchema)]
struct NewModel {
    /// 型号名称, 唯一 Its name, unique
    #[schema(min_length = 1, max_length = 64)]
    model: String,
}

/// 新增型号 Add a model
#[utoipa::path(post, path = "/device_model/add", tag = "device_model", request_body = NewModel,
    responses((status = 200, body = Envelope<Model>)))]
async fn add(
    State(ground): State<Ground>,
    caller: Caller,
    Body(new): Body<NewModel>,
) -> Result<Answer<Model>, ApiError> {
    let model = rules::name(&new.model)?;
    let mut change = ground
        .change(&caller, [lock("device_model.model", &model)])
        .await?;
    queries::require_free(&ground, &model, 0).await?;
    let row = DeviceModel {
        model_id: ground.new_id().await?,
        model,
        ..DeviceModel::default()
    };
    let row = change.put(None, row);
    change.commit().await?;
    Ok(Answer(row.into()))
}

#[derive(Debug, Deserialize, ToSchema)]
struct EditedModel {
    /// 型号编号 The model's id
    model_id: u64,
    /// 读到的版本 The version that was read, Unix ms
    timestamp: i64,
    /// 型号名称, 唯一 Its new name, unique
    #[schema(min_length = 1, max_length = 64)]
    model: String,
}

/// 修改型号 Edit a model
#[utoipa::path(post, path = "/device_model/edit", tag = "device_model", request_body = EditedModel,
    responses((status = 200, body = Envelope<Model>)))]
async fn edit(
    State(ground): State<Ground>,
    caller: Caller,
    Body(edited): Body<EditedModel>,
) -> Result<Answer<Model>, ApiError> {
    let model = rules::name(&edited.model)?;
    let locks = [
        lock("device_model", edited.model_id),
        lock("device_model.model", &model),
    ];
    let mut change = ground.change(&caller, locks).await?;
    let before = queries::by_id(&ground, edited.model_id).await?;
    require_version(&before, edited.timestamp)?;
    queries::require_free(&ground, &model, edited.model_id).await?;
    let after = DeviceModel {
        model,
        ..before.clone()
    };
    let row = change.put(Some(&before), after);
    change.commit().await?;
    Ok(Answer(row.into()))
}

#[derive(Debug, Deserialize, ToSchema)]
struct DeletedModel {
    /// 型号编号 The model's id
    model_id: u64,
    /// 读到的版本 The version that was read, Unix ms
    timestamp: i64,
}

/// 删除型号, 仍有资产使用时不可删除 Delete a model that no asset has
#[utoipa::path(post, path = "/device_model/delete", tag = "device_model", request_body = DeletedModel,
    responses((status = 200, body = Envelope<u8>)))]
async fn delete(
    State(ground): State<Ground>,
    caller: Caller,
    Body(deleted): Body<DeletedModel>,
) -> Result<Answer<u8>, ApiError> {
    let mut change = ground
        .change(&caller, [lock("device_model", deleted.model_id)])
        .await?;
    let before = queries::by_id(&ground, deleted.model_id).await?;
    require_version(&before, deleted.timestamp)?;
    queries::require_unused(&ground, &before.model).await?;
    change.delete(&before);
    change.commit().await?;
    Ok(Answer(0))
}
