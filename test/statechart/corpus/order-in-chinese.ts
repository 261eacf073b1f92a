import { setup } from 'xstate';

export const machine = setup({
  types: {} as { events: { type: '付款' } | { type: '发货' } | { type: '取消' } },
  guards: { 有库存: () => true },
  actions: { 通知客户: () => {} },
}).createMachine({
  id: '订单',
  description: '一个订单从等待到完成。',
  initial: '等待',
  states: {
    等待: { on: { 付款: { guard: '有库存', target: '已付', actions: '通知客户' }, 取消: '取消了' } },
    已付: { on: { 发货: '完成' } },
    完成: { type: 'final' },
    取消了: { type: 'final' },
  },
});
