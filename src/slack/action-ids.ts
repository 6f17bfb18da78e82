/** Every action id and callback id that is ever rendered; a test holds that each has a listener. */
export const ACTIONS = {
  approve: "approve",
  later: "later",
  startNow: "start_now",
  approvalMore: "approval_more",
  reject: "reject",
  offerAgain: "offer_again",
  cancel: "cancel",
  stopAndRollBack: "stop_and_roll_back",
  rollBack: "roll_back",
  rollBackAsk: "roll_back_ask",
  rollBackSchema: "roll_back_schema",
  stopCountdown: "stop_countdown",
  keepWatching: "keep_watching",
  onIt: "on_it",
  alarmWord: "alarm_word",
  allowAgain: "allow_again",
  attentionAskHosts: "attention_ask_hosts",
  attentionTakeOver: "attention_take_over",
  attentionWays: "attention_ways",
  deployApp: "deploy_app",
  deployEnvironment: "deploy_environment",
  deployRevision: "deploy_revision",
  looksGood: "looks_good",
  notYet: "not_yet",
  lookWays: "look_ways",
  askUnlock: "ask_unlock",
  logFile: "log_file",
  homeDeploy: "home_deploy",
  homeMenu: "home_menu",
  unlock: "unlock",
  unfreeze: "unfreeze",
  mute: "mute",
  unmute: "unmute",
} as const;

/** Buttons that only open a page send a press too; all share one listener. */
export const LINK_PREFIX = "link_";

export const VIEWS = {
  deploy: "deploy",
  later: "later",
  override: "override",
  reject: "reject",
  rollBack: "roll_back",
  allowAgain: "allow_again",
  resolve: "resolve",
  notYet: "not_yet",
  lock: "lock",
  freeze: "freeze",
} as const;

export const SHORTCUTS = { newDeploy: "new_deploy", rollBackMessage: "rollback_msg" } as const;

/** Names of the inputs inside the views. */
export const INPUTS = {
  reason: "reason",
  app: "app",
  environment: "environment",
  revision: "revision",
  text: "text",
  when: "when",
  at: "at",
  to: "to",
  version: "version",
} as const;
