//! A disabled pile behind EMQX, which cannot be installed here: what is asked of its management interface.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Json;
use common::config::Secret;
use register::config::{BrokerKind, Mode};
use serde_json::{Value, json};

use super::world::{World, until};

type Asked = Arc<Mutex<Vec<String>>>;

/// Has one connection of every account until it is closed.
async fn management(State(asked): State<Asked>, request: Request) -> Json<Value> {
    let question = format!("{} {}", request.method(), request.uri());
    let mut asked = asked.lock().unwrap();
    asked.push(question.clone());
    let closed = asked.iter().any(|asked| asked == "DELETE /api/v5/clients/c1");
    if question.starts_with("GET") && !closed {
        return Json(json!({ "data": [{ "clientid": "c1" }] }));
    }
    Json(json!({ "data": [] }))
}

/// With its account, and, while the door is open, by the client id of its uuid; and once more when every register
/// has heard of it.
#[tokio::test]
async fn a_disabled_pile_is_closed_by_account_and_by_client_id() -> anyhow::Result<()> {
    let world = World::start().await?;
    let asked = Asked::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let app = Router::new().fallback(management).with_state(asked.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let register = world
        .register_with("r1", |config| {
            config.broker.kind = BrokerKind::Emqx;
            config.broker.emqx_url = url;
            config.broker.emqx_key = "key".to_owned();
            config.broker.emqx_secret = Secret::new("secret");
            config.access.mode = Mode::Open;
            config.access.client_id_pattern = "pile-{uuid}".to_owned();
        })
        .await?;
    world
        .run(
            "INSERT INTO registration (timestamp, sn, uuid, state, username, request_time) \
             VALUES (5, 'SN1', 'AAAAALFW', '在役', 'AAAAAJQX', 1)",
        )
        .await?;
    let disabled = register
        .done("/registration/disable", &json!({"sn": "SN1"}))
        .await?;
    assert_eq!(disabled["broker"], "已生效");
    let first = [
        "GET /api/v5/clients?username=AAAAAJQX&limit=100",
        "DELETE /api/v5/clients/c1",
        "GET /api/v5/clients?username=AAAAAJQX&limit=100",
        "DELETE /api/v5/clients/pile-AAAAALFW",
    ];
    assert_eq!(asked.lock().unwrap()[..first.len()], first);
    let again = [
        "GET /api/v5/clients?username=AAAAAJQX&limit=100",
        "DELETE /api/v5/clients/pile-AAAAALFW",
    ];
    until("it is closed once more", async || {
        asked.lock().unwrap()[first.len()..] == again
    })
    .await
}
