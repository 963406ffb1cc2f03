//! Which commands people may send, and what each takes: one table, from which requests are checked and forms are
//! made. The fields are those of `protocol::downlink`; a test compares the two.

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A text of so many characters at most.
    Text(usize),
    /// A whole number, from … to ….
    Number(u64, u64),
    /// One of these.
    Choice(&'static [&'static str]),
    /// Texts.
    Texts,
    /// Parameters with their values.
    Settings,
    /// Parameters by name.
    Names,
    /// Eight capital letters.
    Uuid,
    /// A moment with its offset, `2025-06-18 19:08:15+0800`.
    Time,
    /// 32 hexadecimal digits.
    Md5,
    /// A password: goes to the pile, never on record.
    Secret,
}

/// A field of a command.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    /// The key on the wire.
    pub(crate) name: &'static str,
    /// What it takes.
    pub(crate) shape: Shape,
    /// Whether it must be given.
    pub(crate) required: bool,
    /// What it is, in Chinese.
    pub(super) zh: &'static str,
    /// The same in English.
    pub(super) en: &'static str,
}

/// A command.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    /// 命令.
    pub(crate) name: &'static str,
    /// Needs [`crate::ground::access_table::DANGEROUS`] as well.
    pub(crate) dangerous: bool,
    /// What it does, in Chinese.
    pub(super) zh: &'static str,
    /// The same in English.
    pub(super) en: &'static str,
    /// Its fields.
    pub(crate) fields: &'static [Field],
}

const fn field(
    name: &'static str,
    shape: Shape,
    required: bool,
    zh: &'static str,
    en: &'static str,
) -> Field {
    Field {
        name,
        shape,
        required,
        zh,
        en,
    }
}

const SERVER: Field = field("服务器地址", Shape::Text(128), true, "FTP服务器", "FTP server");
const PORT: Field = field("端口", Shape::Number(1, 65535), true, "端口", "Port");
const USER: Field = field("用户名", Shape::Text(64), false, "账号", "Account");
const PASSWORD: Field = field(
    "密码",
    Shape::Secret,
    false,
    "密码, 不入库",
    "Password, never on record",
);
const GUN: Field = field(
    "枪号",
    Shape::Number(0, 64),
    true,
    "枪号, 0=整桩",
    "Gun, 0 = the whole pile",
);
const REASON: Field = field("原因", Shape::Text(200), false, "原因", "Reason");
const SUB_DEVICES: Field = field(
    "子设备编号",
    Shape::Texts,
    false,
    "子设备, 通常为空",
    "Sub-devices, usually none",
);

/// Every command, in the order in which a form shows them.
pub(crate) const KINDS: &[Kind] = &[
    Kind {
        name: "软件版本查询",
        dangerous: false,
        zh: "查询各部件的软件版本",
        en: "Ask for the versions of all parts",
        fields: &[],
    },
    Kind {
        name: "SIM卡召唤",
        dangerous: false,
        zh: "查询ICCID、IMSI、运营商、信号",
        en: "Ask for ICCID, IMSI, operator and signal",
        fields: &[],
    },
    Kind {
        name: "参数查询",
        dangerous: false,
        zh: "读取参数",
        en: "Read parameters",
        fields: &[field(
            "配置列表",
            Shape::Names,
            true,
            "参数名称",
            "Names of the parameters",
        )],
    },
    Kind {
        name: "参数配置",
        dangerous: false,
        zh: "写入参数",
        en: "Write parameters",
        fields: &[field(
            "配置列表",
            Shape::Settings,
            true,
            "参数及其值",
            "Parameters and their values",
        )],
    },
    Kind {
        name: "对时",
        dangerous: false,
        zh: "校正桩的时钟",
        en: "Set the pile's clock",
        fields: &[field(
            "系统时间",
            Shape::Time,
            false,
            "时间, 缺省为下发时刻",
            "The time; that of sending by default",
        )],
    },
    Kind {
        name: "关键器件动作",
        dangerous: false,
        zh: "召唤关键器件动作次数",
        en: "Poll the counters of key components",
        fields: &[],
    },
    Kind {
        name: "无感自愈",
        dangerous: false,
        zh: "空闲时重启模块",
        en: "Restart a module while no gun is charging",
        fields: &[field("策略", Shape::Text(64), false, "策略", "Strategy")],
    },
    Kind {
        name: "桩启用",
        dangerous: false,
        zh: "恢复使用",
        en: "Put back into service",
        fields: &[GUN, REASON],
    },
    Kind {
        name: "开启运维",
        dangerous: false,
        zh: "恢复全部上行",
        en: "Resume all messages from the pile",
        fields: &[],
    },
    Kind {
        name: "桩禁用",
        dangerous: true,
        zh: "停止使用",
        en: "Take out of service",
        fields: &[GUN, REASON],
    },
    Kind {
        name: "关闭运维",
        dangerous: true,
        zh: "停止除登录外的上行",
        en: "Stop all messages from the pile but its login",
        fields: &[],
    },
    Kind {
        name: "重启",
        dangerous: true,
        zh: "重启TCU",
        en: "Restart the TCU",
        fields: &[field(
            "延时_秒",
            Shape::Number(0, 600),
            false,
            "延时, 秒",
            "Delay, seconds",
        )],
    },
    Kind {
        name: "更新程序并重启",
        dangerous: true,
        zh: "应用已下载的程序包并重启",
        en: "Apply the downloaded package and restart",
        fields: &[
            field(
                "配置列表",
                Shape::Settings,
                false,
                "更新后写入的参数",
                "Parameters to be written with it",
            ),
            SUB_DEVICES,
        ],
    },
    Kind {
        name: "下载",
        dangerous: true,
        zh: "令桩从指定的FTP服务器取文件; 平台自己的程序包请用升级活动",
        en: "Fetch a file from an FTP server of your own; packages of the platform go by campaigns",
        fields: &[
            field(
                "文件类型",
                Shape::Choice(&["程序包", "配置文件"]),
                true,
                "文件类型",
                "Kind of file",
            ),
            SERVER,
            PORT,
            USER,
            PASSWORD,
            field("FTP路径", Shape::Text(256), true, "路径", "Path"),
            field(
                "字节数",
                Shape::Number(1, 4_294_967_295),
                true,
                "文件大小, 字节",
                "Size, bytes",
            ),
            field("MD5", Shape::Md5, true, "文件的MD5", "MD5 of the file"),
            field("数字签名", Shape::Text(1024), false, "数字签名", "Signature"),
            field("版本号", Shape::Text(64), false, "版本号", "Version"),
            SUB_DEVICES,
        ],
    },
    Kind {
        name: "日志召唤",
        dangerous: true,
        zh: "令桩把日志传到指定的FTP服务器; 由平台收集请用日志接口",
        en: "Upload a log to an FTP server of your own; the platform collects logs by its log interface",
        fields: &[
            SERVER,
            PORT,
            USER,
            PASSWORD,
            field("FTP路径", Shape::Text(256), true, "路径", "Path"),
            field("文件名", Shape::Text(128), true, "文件名", "File"),
        ],
    },
    Kind {
        name: "更新主站",
        dangerous: true,
        zh: "令桩改连另一消息服务器, 连不上则退回",
        en: "Move the pile to another broker; it falls back if it cannot reach it",
        fields: &[
            field("服务器IP", Shape::Text(128), true, "消息服务器", "The broker"),
            PORT,
            USER,
            PASSWORD,
        ],
    },
    Kind {
        name: "更新ID",
        dangerous: true,
        zh: "换一个uuid; 正常换号请用register的change_uuid, 它还管账号",
        en: "Another uuid; register's change_uuid is the usual way, which cares for the account as well",
        fields: &[
            field("uuid", Shape::Uuid, true, "新的uuid", "The new uuid"),
            field(
                "出厂编号",
                Shape::Text(64),
                false,
                "只换该TCU",
                "Only this TCU is meant",
            ),
        ],
    },
];

/// The command of this name.
pub(crate) fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use protocol::downlink::Downlink;

    use super::*;

    #[test]
    fn every_command_of_the_protocol_is_there_once() {
        let ours: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
        let all: BTreeSet<_> = Downlink::COMMANDS.iter().copied().collect();
        assert_eq!(ours.iter().copied().collect::<BTreeSet<_>>(), all);
        assert_eq!(ours.len(), all.len());
    }
}
