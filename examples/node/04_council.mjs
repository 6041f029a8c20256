// A council: three models answer, score one another, and the best answer is improved. One key, one
// reply, one bill.
import { open } from 'conclave'

/** Scores what a critic is shown: each answer stands in its prompt under a label. */
function scoreSheet(prompt) {
  const assessments = Array.from(prompt.matchAll(/\{"id":"(.{4})".*?"\}/g), ([shown, id]) => {
    const careful = shown.includes('staging')
    return {
      id,
      flaws: careful ? 'No way back.' : 'Says nothing of testing.',
      strengths: 'Short.',
      severity: 'minor',
      score: careful ? 8 : 5,
    }
  })
  return JSON.stringify({ assessments })
}

/** A stand-in for a real model, which would be registered in its place. */
const model = (answer) => ({
  kind: 'callback',
  handler: ({ messages, outputSchema }) => {
    const prompt = messages.at(-1).content
    let text = answer
    if (outputSchema) text = scoreSheet(prompt)
    else if (prompt.includes('"draft":'))
      text += ' Keep the last release at hand, and roll back if a check fails.'
    return { text, tokensIn: 40, tokensOut: 60 }
  },
})

const gateway = await open(':memory:', {
  providers: {
    quick: model('Push to main on a Friday and see what the customers say about it.'),
    careful: model('Deploy to staging, run the smoke tests, then shift traffic slowly.'),
    brief: model('Press the green button in the dashboard, then press it again.'),
  },
  prices: [
    { provider: 'quick', model: '*', usdPer1kTokens: '0.001' },
    { provider: 'careful', model: '*', usdPer1kTokens: '0.004' },
    { provider: 'brief', model: '*', usdPer1kTokens: '0.002' },
  ],
})
const acme = gateway.tenant((await gateway.tenants.create({ name: 'Acme Corporation' })).id)
const agent = await acme.agents.create({
  name: 'Board',
  maxTokens: 500,
  council: { members: ['quick/1', 'careful/1', 'brief/1'], maxUsd: '1' },
})
const session = await acme.sessions.create({ agentId: agent.id })
const { message, metadata } = await acme.messages.send(session.id, 'How do I deploy?', {
  idempotencyKey: 'deploy-1',
})
console.log(message.content)
console.log('for', metadata.usage.costUsd, 'dollars')
// Who answered what, who scored whom, who won, and what each seat cost.
const exported = await acme.sessions.export(session.id, 'markdown')
console.log(exported.slice(exported.indexOf('### Council')))
const { ok } = await gateway.check()
await gateway.close()
process.exitCode = ok ? 0 : 1
