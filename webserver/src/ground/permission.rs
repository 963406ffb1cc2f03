//! Permissions: `resource:action`, each part possibly `*`. A role is a set of them.

/// Whether the pattern `wide` allows all that `narrow` allows.
pub(crate) fn covers(wide: &str, narrow: &str) -> bool {
    let part = |wide: &str, narrow: &str| wide == "*" || wide == narrow;
    match (wide.split_once(':'), narrow.split_once(':')) {
        (Some(wide), Some(narrow)) => part(wide.0, narrow.0) && part(wide.1, narrow.1),
        _ => false,
    }
}

/// Whether one of the patterns `have` allows all that `wanted` allows.
pub(crate) fn allows(have: &[String], wanted: &str) -> bool {
    have.iter().any(|have| covers(have, wanted))
}

/// Whether `have` allows all that every one of `wanted` allows: nobody gives what he has not.
pub(crate) fn allows_all(have: &[String], wanted: &[String]) -> bool {
    wanted.iter().all(|wanted| allows(have, wanted))
}

/// A role that a new database is given.
#[derive(Debug)]
pub struct Seed {
    /// Its id, fixed.
    pub role_id: u64,
    /// Its name.
    pub role_name: &'static str,
    /// Its permissions.
    pub permissions: &'static [&'static str],
    /// What it is for.
    pub description: &'static str,
}

/// The role that may do everything and cannot be edited or deleted.
pub const SUPER_ROLE: u64 = 1;

/// The four roles of a new database. All but the first can be edited. `admin` is the action on roles: who has
/// it decides what others may do.
pub const SEEDS: &[Seed] = &[
    Seed {
        role_id: SUPER_ROLE,
        role_name: "超管",
        permissions: &["*:*"],
        description: "全部权限",
    },
    Seed {
        role_id: 2,
        role_name: "管理员",
        permissions: &["*:read", "*:write"],
        description: "管理本组织及下级组织的用户、场站、资产",
    },
    Seed {
        role_id: 3,
        role_name: "运维",
        permissions: &[
            "*:read",
            "warn:write",
            "command:write",
            "parameter:write",
            "log:write",
            "work_order:write",
            "spare_part:write",
            "key_component:write",
        ],
        description: "处理告警、工单，下发命令（危险命令除外），配置参数，收集日志",
    },
    Seed {
        role_id: 4,
        role_name: "只读",
        permissions: &["*:read"],
        description: "只能查看",
    },
];

/// A permission as it may stand in a role: two words of lower-case letters and `_`, or `*`.
pub(crate) fn is_well_formed(permission: &str) -> bool {
    let word = |word: &str| {
        word == "*" || (!word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
    };
    permission
        .split_once(':')
        .is_some_and(|(resource, action)| word(resource) && word(action))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_cover_what_is_narrower() {
        assert!(covers("*:*", "role:admin") && covers("*:read", "asset:read"));
        assert!(covers("asset:*", "asset:write") && covers("*:*", "*:read"));
        assert!(!covers("*:read", "asset:write") && !covers("asset:read", "*:read"));
        assert!(!covers("asset:read", "asset:*") && !covers("", "a:b"));
    }

    #[test]
    fn the_seeded_roles_are_each_contained_in_the_one_before() {
        for pair in SEEDS.windows(2) {
            let own = |seed: &Seed| {
                seed.permissions
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
            };
            assert!(
                allows_all(&own(&pair[0]), &own(&pair[1])),
                "{}",
                pair[1].role_name
            );
            assert!(
                !allows_all(&own(&pair[1]), &own(&pair[0])),
                "{}",
                pair[1].role_name
            );
            assert!(
                pair[1]
                    .permissions
                    .iter()
                    .all(|permission| is_well_formed(permission))
            );
        }
        assert!(!is_well_formed("a") && !is_well_formed("A:b") && !is_well_formed("a:b:c"));
    }
}
