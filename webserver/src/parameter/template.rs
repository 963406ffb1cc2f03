//! Templates: values that parameters ought to have, per model.

use std::collections::BTreeMap;

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use clickhouse::Row;
use serde::{Deserialize, Serialize};
use store::{Conditions, table::parameter_template::ParameterTemplate, versioned};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::rules;
use crate::ground::{
    Answer, ApiError, Body, Caller, Cell, Column, Envelope, Ground, List, Listed, Page, Paging, Scope, check,
    column, lock, one, require_version, selection::owner,
};

pub(super) fn routes() -> OpenApiRouter<Ground> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(add))
        .routes(routes!(edit))
        .routes(routes!(delete))
}

/// A template as it is read.
#[derive(Debug, Row, Serialize, Deserialize)]
struct TemplateRow {
    template_id: u64,
    timestamp: i64,
    name: String,
    model: String,
    items: String,
    remark: String,
    organization_id: u64,
    created_by: String,
}

const FROM: &str = "parameter_template FINAL";

impl Listed for TemplateRow {
    const WHAT: &'static str = "parameter_template";
    const FROM: &'static str = FROM;
    const SORT: &'static [&'static str] = &["name", "model", "timestamp"];
    const ORDER: &'static str = "name, template_id";
    const COLUMNS: &'static [Column<Self>] = &[
        column("模板编号", "Template id", |row| {
            Cell::Text(row.template_id.to_string())
        }),
        column("名称", "Name", |row| Cell::text(&row.name)),
        column("型号", "Model", |row| Cell::text(&row.model)),
        column("参数", "Parameters", |row| Cell::text(&row.items)),
        column("备注", "Remark", |row| Cell::text(&row.remark)),
        column("创建人", "Made by", |row| Cell::text(&row.created_by)),
        column("修改时间", "Changed", |row| Cell::Time(row.timestamp)),
    ];
}

/// 参数模板 A template
#[derive(Debug, Serialize, ToSchema)]
struct TemplateItem {
    /// 模板编号 The template's id
    template_id: u64,
    /// 版本, 修改时须带回 Version, Unix ms; a change must carry it
    timestamp: i64,
    /// 名称 Its name
    name: String,
    /// 适用型号, 空=任意 The model of pile it is for, empty = any
    model: String,
    /// 参数及应有的值 Parameters and the values they ought to have
    #[schema(value_type = Object, example = json!({ "充电最大电流_A": "200" }))]
    items: BTreeMap<String, String>,
    /// 备注 Remark
    remark: String,
    /// 归属组织, 0=平台 The organization it belongs to, 0 = the platform
    organization_id: u64,
    /// 创建人 Who made it
    created_by: String,
}

impl From<TemplateRow> for TemplateItem {
    fn from(row: TemplateRow) -> Self {
        Self {
            items: serde_json::from_str(&row.items).unwrap_or_default(),
            template_id: row.template_id,
            timestamp: row.timestamp,
            name: row.name,
            model: row.model,
            remark: row.remark,
            organization_id: row.organization_id,
            created_by: row.created_by,
        }
    }
}

impl From<ParameterTemplate> for TemplateItem {
    fn from(row: ParameterTemplate) -> Self {
        Self {
            items: rules::items_of(&row),
            template_id: row.template_id,
            timestamp: row.timestamp,
            name: row.name,
            model: row.model,
            remark: row.remark,
            organization_id: row.organization_id,
            created_by: row.created_by,
        }
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// 适用型号 The model it is for
    model: Option<String>,
    /// 名称中的文字 Words in the name
    name: Option<String>,
}

/// A template of an organization that the scope shows.
///
/// # Errors
/// 404.
pub(super) async fn by_id(
    ground: &Ground,
    scope: &Scope,
    template_id: u64,
) -> Result<ParameterTemplate, ApiError> {
    let this = Conditions::new().and("template_id = ?", [template_id.into()]);
    one(&ground.db, scope.organizations(this, "organization_id IN ?")).await
}

/// # Errors
/// 409 if another template of this organization has the name.
async fn require_free(
    ground: &Ground,
    organization_id: u64,
    name: &str,
    except: u64,
) -> Result<(), ApiError> {
    let same = Conditions::new()
        .and("organization_id = ?", [organization_id.into()])
        .and("name = ?", [name.into()])
        .and("template_id != ?", [except.into()]);
    if versioned::present::<ParameterTemplate>(&ground.db, &same)
        .await?
        .is_empty()
    {
        return Ok(());
    }
    Err(ApiError::conflict(
        "模板名称已存在",
        "There is such a template already",
    ))
}

/// 参数模板列表 List the templates
#[utoipa::path(get, path = "/parameter/template/list", tag = "parameter", params(Paging, Filter),
    responses((status = 200, body = Envelope<Page<TemplateItem>>)))]
async fn list(
    State(ground): State<Ground>,
    caller: Caller,
    list: List<Filter>,
) -> Result<Response, ApiError> {
    let conditions = Conditions::new()
        .and("flag_del = 0", [])
        .and_if("model = ?", list.filter.model.as_deref())
        .and_words(
            "positionCaseInsensitiveUTF8(name, ?) > 0",
            list.filter.name.as_deref(),
        );
    let conditions = caller.scope.organizations(conditions, "organization_id IN ?");
    if list.is_export() {
        return list.answer::<TemplateRow>(&ground, &conditions).await;
    }
    let page = list.page::<TemplateRow>(&ground, FROM, &conditions).await?;
    let items = page.items.into_iter().map(TemplateItem::from).collect();
    Ok(Answer(Page {
        total: page.total,
        items,
    })
    .into_response())
}

#[derive(Debug, Deserialize, ToSchema)]
struct NewTemplate {
    /// 名称, 在组织内唯一 Its name, unique in its organization
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    /// 适用型号, 缺省为任意 The model of pile it is for; any by default
    model: Option<String>,
    /// 参数及应有的值, 1到200个 1 to 200 parameters and the values they ought to have
    #[schema(value_type = Object, example = json!({ "充电最大电流_A": "200" }))]
    items: BTreeMap<String, String>,
    /// 备注 Remark
    remark: Option<String>,
    /// 归属组织, 缺省为自己的组织 The organization it belongs to; one's own by default
    organization_id: Option<u64>,
}

fn json(items: &BTreeMap<String, String>) -> String {
    serde_json::to_string(items).unwrap_or_default()
}

/// 新增参数模板 Add a template
#[utoipa::path(post, path = "/parameter/template/add", tag = "parameter", request_body = NewTemplate,
    responses((status = 200, body = Envelope<TemplateItem>)))]
async fn add(
    State(ground): State<Ground>,
    caller: Caller,
    Body(new): Body<NewTemplate>,
) -> Result<Answer<TemplateItem>, ApiError> {
    let organization_id = owner(&caller, new.organization_id)?;
    let template = ParameterTemplate {
        name: check::name("name", &new.name, 64)?,
        model: check::optional("model", new.model.as_deref().unwrap_or_default(), 64)?,
        items: json(&rules::items(&new.items)?),
        remark: check::optional("remark", new.remark.as_deref().unwrap_or_default(), 256)?,
        organization_id,
        created_by: caller.user.account.clone(),
        ..ParameterTemplate::default()
    };
    let named = lock("parameter_template.name", &template.name);
    let mut change = ground.change(&caller, [named]).await?;
    require_free(&ground, organization_id, &template.name, 0).await?;
    let template_id = ground.new_id().await?;
    let template = change.put(
        None,
        ParameterTemplate {
            template_id,
            ..template
        },
    );
    change.commit().await?;
    Ok(Answer(template.into()))
}

#[derive(Debug, Deserialize, ToSchema)]
struct EditedTemplate {
    /// 模板编号 The template's id
    template_id: u64,
    /// 读到的版本 The version that was read, Unix ms
    timestamp: i64,
    /// 名称, 缺省不变 Its name; as it was if left out
    #[schema(min_length = 1, max_length = 64)]
    name: Option<String>,
    /// 适用型号, 缺省不变 The model it is for; as it was if left out
    model: Option<String>,
    /// 参数, 整体替换, 缺省不变 Parameters, replaced as a whole; as they were if left out
    #[schema(value_type = Option<Object>, example = json!({ "充电最大电流_A": "200" }))]
    items: Option<BTreeMap<String, String>>,
    /// 备注, 缺省不变 Remark; as it was if left out
    remark: Option<String>,
}

/// 修改参数模板 Edit a template
#[utoipa::path(post, path = "/parameter/template/edit", tag = "parameter", request_body = EditedTemplate,
    responses((status = 200, body = Envelope<TemplateItem>)))]
async fn edit(
    State(ground): State<Ground>,
    caller: Caller,
    Body(edited): Body<EditedTemplate>,
) -> Result<Answer<TemplateItem>, ApiError> {
    let own = lock("parameter_template", edited.template_id);
    let named = edited
        .name
        .as_deref()
        .map(|name| lock("parameter_template.name", name.trim()));
    let mut change = ground.change(&caller, named.into_iter().chain([own])).await?;
    let before = by_id(&ground, &caller.scope, edited.template_id).await?;
    require_version(&before, edited.timestamp)?;
    let mut after = before.clone();
    if let Some(name) = &edited.name {
        after.name = check::name("name", name, 64)?;
        require_free(&ground, before.organization_id, &after.name, edited.template_id).await?;
    }
    if let Some(model) = &edited.model {
        after.model = check::optional("model", model, 64)?;
    }
    if let Some(items) = &edited.items {
        after.items = json(&rules::items(items)?);
    }
    if let Some(remark) = &edited.remark {
        after.remark = check::optional("remark", remark, 256)?;
    }
    let template = change.put(Some(&before), after);
    change.commit().await?;
    Ok(Answer(template.into()))
}

#[derive(Debug, Deserialize, ToSchema)]
struct DeletedTemplate {
    /// 模板编号 The template's id
    template_id: u64,
    /// 读到的版本 The version that was read, Unix ms
    timestamp: i64,
}

/// 删除参数模板 Delete a template
#[utoipa::path(post, path = "/parameter/template/delete", tag = "parameter", request_body = DeletedTemplate,
    responses((status = 200, body = Envelope<u8>)))]
async fn delete(
    State(ground): State<Ground>,
    caller: Caller,
    Body(deleted): Body<DeletedTemplate>,
) -> Result<Answer<u8>, ApiError> {
    let mut change = ground
        .change(&caller, [lock("parameter_template", deleted.template_id)])
        .await?;
    let before = by_id(&ground, &caller.scope, deleted.template_id).await?;
    require_version(&before, deleted.timestamp)?;
    change.delete(&before);
    change.commit().await?;
    Ok(Answer(0))
}
