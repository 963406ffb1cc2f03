//! Packages: uploaded once, checked, kept in chunks, and not deleted while a campaign needs them.

mod queries;
mod rules;
mod signature;
mod upload;
mod wire;

use axum::{
    extract::{Request, State},
    response::Response,
};
use store::{
    table::{firmware_chunk::chunks_of, firmware_package::FirmwarePackage},
    versioned::now,
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) use self::queries::by_id;
use self::wire::{DeletedPackage, Filter, PackageForm, PackageItem};
use crate::ground::{
    Answer, ApiError, Body, Caller, Envelope, Ground, List, Page, Paging, lock, require_version,
};

pub use self::signature::TrustedKeys;

pub(super) fn routes() -> OpenApiRouter<Ground> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(upload))
        .routes(routes!(delete))
}

/// 程序包列表 List the packages
#[utoipa::path(get, path = "/ota/firmware/list", tag = "ota", params(Paging, Filter),
    responses((status = 200, body = Envelope<Page<PackageItem>>)))]
async fn list(State(ground): State<Ground>, list: List<Filter>) -> Result<Response, ApiError> {
    list.answer::<PackageItem>(&ground, &list.filter.conditions())
        .await
}

/// 上传程序包: 至多64MiB; 给出的字节数、MD5、SHA-256和签名须与文件相符 Upload a package of at most 64 MiB; what is said of its size, MD5, SHA-256 and signature must be so
#[utoipa::path(post, path = "/ota/firmware/upload", tag = "ota",
    request_body(content = PackageForm, content_type = "multipart/form-data"),
    responses((status = 200, body = Envelope<PackageItem>)))]
async fn upload(
    State(ground): State<Ground>,
    caller: Caller,
    request: Request,
) -> Result<Answer<PackageItem>, ApiError> {
    let _slot = ground.import_slot()?;
    let package_id = ground.new_id().await?;
    let uploaded = match upload::receive(&ground, package_id, request).await {
        Ok(uploaded) => uploaded,
        Err(error) => {
            queries::forget(&ground, package_id).await;
            return Err(error);
        }
    };
    let stored = store(&ground, &caller, package_id, &uploaded).await;
    if let Err(error) = &stored
        && !matches!(error, ApiError::NotWritten)
    {
        queries::forget(&ground, package_id).await;
    }
    stored.map(Answer)
}

/// The row behind the chunks, which makes the package one.
async fn store(
    ground: &Ground,
    caller: &Caller,
    package_id: u64,
    uploaded: &upload::Uploaded,
) -> Result<PackageItem, ApiError> {
    let details = rules::details(uploaded)?;
    signature::require_right(&ground.trusted_keys, &details.signature, &uploaded.sha256)?;
    let mut change = ground
        .change(caller, [lock("firmware_package.sha256", uploaded.sha256_hex())])
        .await?;
    queries::require_new(ground, &details, &uploaded.sha256_hex()).await?;
    let package = FirmwarePackage {
        package_id,
        name: details.name,
        file_type: details.file_type.to_owned(),
        model: details.model,
        version: details.version,
        file_name: details.file_name,
        bytes: uploaded.bytes,
        chunks: chunks_of(uploaded.bytes),
        md5: uploaded.md5_hex(),
        sha256: uploaded.sha256_hex(),
        signature: details.signature,
        remark: details.remark,
        created_by: caller.user.account.clone(),
        created_time: now(),
        ..FirmwarePackage::default()
    };
    let package = change.put(None, package);
    change.commit().await?;
    Ok(package.into())
}

/// 删除程序包: 限本组织及下级的用户所上传的, 且没有未结束的升级活动使用 Delete a package that no campaign needs any more
#[utoipa::path(post, path = "/ota/firmware/delete", tag = "ota", request_body = DeletedPackage,
    responses((status = 200, body = Envelope<u8>)))]
async fn delete(
    State(ground): State<Ground>,
    caller: Caller,
    Body(deleted): Body<DeletedPackage>,
) -> Result<Answer<u8>, ApiError> {
    let mut change = ground
        .change(&caller, [lock("firmware_package", deleted.package_id)])
        .await?;
    let before = queries::by_id(&ground, deleted.package_id).await?;
    rules::require_own(&caller, &before)?;
    require_version(&before, deleted.timestamp)?;
    queries::require_unused(&ground, deleted.package_id).await?;
    change.delete(&before);
    change.commit().await?;
    queries::forget(&ground, deleted.package_id).await;
    Ok(Answer(0))
}
