//! `/registration/allow_list`: models and contracts that register without approval, whoever's they are: for people who
//! see every organization.

use axum::{extract::State, response::Response};
use clickhouse::Row;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::Conditions;
use utoipa::{IntoParams, ToSchema};

use crate::ground::{
    Answer, ApiError, Body, Caller, Cell, Column, Envelope, Ground, Language, List, Listed, Page, Paging,
    column,
};

/// 白名单条目 An entry of the allow-list
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct AllowedTcus {
    /// 版本, 删除时须带回 Version, Unix ms; a deletion must carry it
    timestamp: i64,
    /// 型号, 空=任意 Model, empty = any
    model: String,
    /// 合同号, 空=任意 Contract number, empty = any
    contract_num: String,
    /// 备注 Remark
    remark: String,
}

impl Listed for AllowedTcus {
    const WHAT: &'static str = "registration_allow_list";
    const FROM: &'static str = "(SELECT * FROM registration_allow_list FINAL WHERE flag_del = 0)";
    const SORT: &'static [&'static str] = &["model", "contract_num", "timestamp"];
    const ORDER: &'static str = "model, contract_num";
    const COLUMNS: &'static [Column<Self>] = &[
        column("型号", "Model", |row| Cell::text(&row.model)),
        column("合同号", "Contract number", |row| {
            Cell::text(&row.contract_num)
        }),
        column("备注", "Remark", |row| Cell::text(&row.remark)),
        column("修改时间", "Changed", |row| Cell::Time(row.timestamp)),
    ];
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    /// 型号中的文字 Words in the model
    model: Option<String>,
    /// 合同号中的文字 Words in the contract number
    contract_num: Option<String>,
}

/// 要增加的条目, 型号和合同号不能都空; 已有则改备注 An entry to add; not both may be empty; of one that is there the remark is changed
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct NewAllowedTcus {
    /// 型号, 空=任意 Model, empty = any
    #[schema(max_length = 200)]
    model: String,
    /// 合同号, 空=任意 Contract number, empty = any
    #[schema(max_length = 200)]
    contract_num: String,
    /// 备注 Remark
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    remark: Option<String>,
}

/// 要删除的条目 An entry to delete
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct NoLongerAllowed {
    /// 型号, 空=任意 Model, empty = any
    #[schema(max_length = 200)]
    model: String,
    /// 合同号, 空=任意 Contract number, empty = any
    #[schema(max_length = 200)]
    contract_num: String,
    /// 读到的版本, 毫秒 The version that was read, Unix ms
    #[schema(minimum = 0)]
    timestamp: i64,
}

/// 白名单: 免审核的型号和合同 The allow-list: models and contracts that register without approval
#[utoipa::path(get, path = "/registration/allow_list", tag = "registration", params(Paging, Filter),
    responses((status = 200, body = Envelope<Page<AllowedTcus>>)))]
pub(super) async fn list(
    State(ground): State<Ground>,
    caller: Caller,
    list: List<Filter>,
) -> Result<Response, ApiError> {
    let filter = &list.filter;
    let words = Conditions::new()
        .and_words(
            "positionCaseInsensitiveUTF8(model, ?) > 0",
            filter.model.as_deref(),
        )
        .and_words(
            "positionCaseInsensitiveUTF8(contract_num, ?) > 0",
            filter.contract_num.as_deref(),
        );
    let conditions = match caller.is_of_the_top() {
        true => words,
        false => words.and("0", []),
    };
    list.answer::<AllowedTcus>(&ground, &conditions).await
}

/// 增加白名单条目, 或改其备注 Add an entry, or change its remark
#[utoipa::path(post, path = "/registration/allow_list/add", tag = "registration", request_body = NewAllowedTcus,
    responses((status = 200, body = Envelope<AllowedTcus>)))]
pub(super) async fn add(
    State(ground): State<Ground>,
    caller: Caller,
    language: Language,
    Body(new): Body<NewAllowedTcus>,
) -> Result<Answer<AllowedTcus>, ApiError> {
    caller.require_of_the_top()?;
    ground.register.change(&caller, language, &new).await.map(Answer)
}

/// 删除白名单条目, 已注册的不受影响 Delete an entry; who has registered is not touched
#[utoipa::path(post, path = "/registration/allow_list/delete", tag = "registration", request_body = NoLongerAllowed,
    responses((status = 200, body = Envelope<u8>)))]
pub(super) async fn delete(
    State(ground): State<Ground>,
    caller: Caller,
    language: Language,
    Body(which): Body<NoLongerAllowed>,
) -> Result<Answer<u8>, ApiError> {
    caller.require_of_the_top()?;
    let _said: Value = ground.register.change(&caller, language, &which).await?;
    Ok(Answer(0))
}
